// SPDX-License-Identifier: GPL-2.0-or-later
// Rules that are said to make no difference, held against the reference: random policies with and without them, packets
// at the borders of their boxes; and the packets that others are said to be needed for. VUURMUUR_RANDOM_POLICIES sets
// how many policies, VUURMUUR_RANDOM_SEED the first one's seed.
#include "analyse/redundant.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "analyse/filter_boxes.h"
#include "base/memory_file_system.h"
#include "base/strings.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "property/packets.h"
#include "reference/interpreter.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using analyse::Redundancy;

namespace {

using Kind = Redundancy::Kind;

/// More than the buckets that a packet of the random policies meets hold.
constexpr int kPackets = 24;

std::unique_ptr<control::CheckedPolicy> checked(const std::map<std::string, std::string>& tree) {
  base::MemoryFileSystem files;
  for (const auto& [path, text] : tree) files.files["/tree/" + path] = text;
  return control::check_tree(files, "/tree");
}

/// The same policy with some rules switched off, by their numbers: the others keep theirs.
std::unique_ptr<control::CheckedPolicy> without(std::map<std::string, std::string> tree,
                                                const std::vector<std::uint32_t>& numbers) {
  std::string text;
  std::uint32_t number = 0;
  for (const std::string_view line : base::split(tree.at("rules/rules.conf"), '\n')) {
    std::string own(line);
    constexpr std::string_view kRule = "RULE=\"";
    if (own.starts_with(kRule) && std::ranges::find(numbers, ++number) != numbers.end()) own.insert(kRule.size(), ";");
    text += own + "\n";
  }
  tree["rules/rules.conf"] = text;
  return checked(tree);
}

/// What becomes of so many packets that are all alike, whoever decides it.
auto answers(const control::CheckedPolicy& policy, const reference::World& world, const reference::Packet& packet) {
  reference::Interpreter interpreter(policy.tree.policy, world);
  std::vector<std::tuple<reference::Verdict, model::RejectType, model::QueueRange, bool, bool,
                         std::optional<model::PacketMark>, std::string, std::vector<reference::Record>>>
      all;
  for (int i = 0; i < kPackets; ++i) {
    reference::Answer answer = interpreter.ask_rules(packet);
    // Which is no rule's record, but is written.
    if (answer.why == "no rule" && policy.tree.policy.settings.log_policy)
      answer.records.push_back({policy.tree.policy.settings.log_group, ""});
    const bool is_rejected = answer.verdict == reference::Verdict::Reject;
    all.emplace_back(answer.verdict, is_rejected ? answer.reject : model::RejectType{}, answer.queue, answer.bypass,
                     answer.fanout, answer.packet_mark, answer.helper, answer.records);
  }
  return all;
}

}  // namespace

TEST_CASE(
    "a policy without the rules that are said to make no difference does the same, without another one it does not") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 120);
  const reference::World machine = property::world();
  unsigned redundant = 0, by_policy = 0, needed = 0, compared = 0, witnesses = 0;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    const auto tree = kernel_test::random_policy(random);
    const auto whole = checked(tree);
    REQUIRE_FALSE(whole->sink.has_errors());
    const sema::Policy& policy = whole->policy;
    const auto reaches = analyse::reach_of_rules(policy);
    const auto found = analyse::redundant_rules(policy, reaches);
    REQUIRE(found.size() == policy.rules.size());
    std::vector<std::uint32_t> gone;
    for (std::size_t i = 0; i < found.size(); ++i)
      if (found[i].kind == Kind::Redundant) gone.push_back(policy.rules[i].source->number);
    REQUIRE(std::ranges::none_of(found, [](const Redundancy& each) { return each.kind == Kind::NotFinished; }));
    const auto shorter = without(tree, gone);
    REQUIRE_FALSE(shorter->sink.has_errors());
    REQUIRE(shorter->policy.rules.size() + gone.size() == policy.rules.size());
    for (const net::Family family : net::kFamilies) {
      const analyse::FilterBoxes boxes_of(policy, family);
      for (std::size_t i = 0; i < found.size(); ++i) {
        const std::vector<analyse::Box> boxes = boxes_of.taken_by(policy.rules[i]).boxes;
        for (int tries = 0; tries < 8 && !boxes.empty(); ++tries) {
          const auto packet =
              property::packet_at(property::point_in(boxes[random() % boxes.size()], random), boxes_of.plain(), family);
          if (!packet) continue;
          INFO("seed " << seed << " without " << fmt::format("{}", fmt::join(gone, ", ")) << ", packet "
                       << property::text_of(*packet) << '\n'
                       << tree.at("rules/rules.conf"));
          ++compared;
          CHECK((answers(*whole, machine, *packet) == answers(*shorter, machine, *packet)));
        }
      }
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      redundant += found[i].kind == Kind::Redundant;
      by_policy += found[i].by_policy;
      needed += found[i].kind == Kind::Needed;
      if (found[i].kind != Kind::Needed || random() % 4 != 0) continue;
      const analyse::FilterBoxes boxes_of(policy, found[i].witness->family);
      const auto packet = property::packet_at(found[i].witness->point, boxes_of.plain(), found[i].witness->family);
      if (!packet) continue;
      // Those before it that make no difference are gone, and it is; and those that never match or not, of which none
      // does in its place.
      std::vector<std::uint32_t> before, dead;
      for (std::size_t other = 0; other < policy.rules.size(); ++other) {
        if (found[other].kind == Kind::Redundant && other < i) before.push_back(policy.rules[other].source->number);
        if (reaches[other].kind == analyse::Reach::Kind::Never) dead.push_back(policy.rules[other].source->number);
      }
      const auto is_otherwise = [&](std::vector<std::uint32_t> absent) {
        const auto with = without(tree, absent);
        absent.push_back(policy.rules[i].source->number);
        return answers(*with, machine, *packet) != answers(*without(tree, absent), machine, *packet);
      };
      INFO("seed " << seed << ", witness of rule " << policy.rules[i].source->number << '\n'
                   << tree.at("rules/rules.conf"));
      // What an unknown rule behind it does with the packet, and how another protocol than TCP is told of a reset, is
      // taken for a difference and need be none.
      const auto is_unknown = [&](const sema::Rule& other) {
        const analyse::RuleBoxes boxes = boxes_of.taken_by(other);
        return boxes.has_more ||
               (*other.source->action == model::Action::Chain && std::ranges::any_of(boxes.boxes, [&](const auto& box) {
                 return contains(box, found[i].witness->point);
               }));
      };
      const auto behind = policy.rules.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      if (std::any_of(behind, policy.rules.end(), is_unknown)) continue;
      if (*policy.rules[i].source->action == model::Action::Reject && packet->protocol != net::Protocol::Tcp) continue;
      const bool is_otherwise_now = is_otherwise(before);
      before.insert(before.end(), dead.begin(), dead.end());
      CHECK((is_otherwise_now || is_otherwise(before)));
      ++witnesses;
    }
  }
  WARN(
      fmt::format("{} policies: {} rules make no difference ({} because of the policy of the chain), {} do; {} packets "
                  "compared, {} witnesses asked",
                  policies, redundant, by_policy, needed, compared, witnesses));
  CHECK(redundant > policies / 4);
  CHECK(redundant > by_policy);
  CHECK(by_policy > policies / 20);
  CHECK(compared > 20 * policies);
  CHECK(witnesses > policies / 2);
}
