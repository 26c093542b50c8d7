// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as boxes, and which of them can match, held against the reference: random policies, packets at the borders of
// their boxes. VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's seed.
#include <fmt/format.h>

#include <random>

#include "analyse/decider.h"
#include "analyse/never_matching.h"
#include "analyse/policy_boxes.h"
#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "property/packets.h"
#include "reference/interpreter.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using property::packet_at;
using property::world;

namespace {

struct Boxed {
  std::vector<analyse::RuleBoxes> rules;
  explicit Boxed(const sema::Policy& policy, const analyse::PolicyBoxes& boxes) {
    for (const sema::Rule& rule : policy.rules) rules.push_back(boxes.of(rule));
  }
};

bool has_limit(const sema::Rule& rule) {
  return rule.source->options.limit && rule.source->options.limit->value.count != 0;
}

bool decides(const sema::Rule& rule) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  return action == Accept || action == Drop || action == Reject || action == Nfqueue || action == Nflog;
}

}  // namespace

TEST_CASE("rules take what their boxes hold, and one that is said to match never does not") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  const reference::World machine = world();
  unsigned compared = 0, never = 0, reached = 0, witnesses = 0;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    base::MemoryFileSystem files;
    for (const auto& [path, text] : kernel_test::random_policy(random)) files.files["/tree/" + path] = text;
    const auto checked = control::check_tree(files, "/tree");
    REQUIRE_FALSE(checked->sink.has_errors());
    const sema::Policy& policy = checked->policy;
    const auto reaches = analyse::reach_of_rules(policy);
    REQUIRE(reaches.size() == policy.rules.size());
    // Limits are asked with a full bucket each time.
    const auto ask = [&](const reference::Packet& packet) {
      reference::Interpreter interpreter(checked->tree.policy, machine);
      return interpreter.ask_rules(packet).why;
    };
    const auto name = [&](std::size_t i) { return fmt::format("rule {}", policy.rules[i].source->number); };
    for (const net::Family family : net::kFamilies) {
      const analyse::PolicyBoxes boxes_of(policy, family);
      const Boxed boxed(policy, boxes_of);
      const analyse::Decider decider(policy, family);
      const auto hold = [&](std::size_t i, const analyse::Point& point) {
        return std::ranges::any_of(boxed.rules[i].boxes, [&](const analyse::Box& box) { return contains(box, point); });
      };
      for (std::size_t i = 0; i < policy.rules.size(); ++i) {
        for (int tries = 0; tries < 6 && !boxed.rules[i].boxes.empty(); ++tries) {
          const analyse::Box& box = boxed.rules[i].boxes[random() % boxed.rules[i].boxes.size()];
          const analyse::Point point = property::point_in(box, random);
          const auto packet = packet_at(point, boxes_of, family);
          if (!packet) continue;
          const std::string told = ask(*packet);
          // The first rule that is known to take it, unless one before it may do more than its boxes say.
          std::size_t expected = 0;
          bool is_known = true;
          for (; expected < policy.rules.size(); ++expected) {
            const analyse::RuleBoxes& other = boxed.rules[expected];
            if (other.has_more || other.is_translation) is_known = is_known && told != name(expected);
            if (decides(policy.rules[expected]) && hold(expected, point)) break;
          }
          INFO("seed " << seed << ", " << name(i) << ", told " << told << ", " << property::text_of(*packet) << "\n"
                       << files.files["/tree/rules/rules.conf"]);
          if (is_known) {
            ++compared;
            CHECK(told == (expected < policy.rules.size() ? name(expected) : "no rule"));
          }
          for (std::size_t r = 0; r < reaches.size(); ++r) {
            if (told != name(r)) continue;
            CHECK(reaches[r].kind != analyse::Reach::Kind::Never);
            CHECK(std::ranges::any_of(boxes_of.around(policy.rules[r]),
                                      [&](const analyse::Box& around) { return contains(around, point); }));
          }
          std::size_t decided = 0;
          while (decided < policy.rules.size() && !(analyse::takes_all(policy.rules[decided]) && hold(decided, point)))
            ++decided;
          CHECK(decider.decide(point).value_or(policy.rules.size()) == decided);
        }
      }
      for (std::size_t i = 0; i < reaches.size(); ++i) {
        const analyse::Reach& reach = reaches[i];
        if (family == net::Family::Ipv4) {
          never += reach.kind == analyse::Reach::Kind::Never;
          reached += reach.kind == analyse::Reach::Kind::Reached;
        }
        if (reach.kind != analyse::Reach::Kind::Reached || reach.witness->family != family || !decides(policy.rules[i]))
          continue;
        const auto packet = packet_at(reach.witness->point, boxes_of, family);
        if (!packet) continue;
        const std::string told = ask(*packet);
        // Rules before it may take more than their boxes say, but no others.
        bool may_be_taken = told == name(i);
        for (std::size_t before = 0; before < i; ++before)
          may_be_taken = may_be_taken ||
                         (told == name(before) && (boxed.rules[before].has_more || boxed.rules[before].is_translation ||
                                                   has_limit(policy.rules[before])));
        INFO("seed " << seed << ", witness of " << name(i) << ", told " << told);
        CHECK(may_be_taken);
        ++witnesses;
      }
    }
  }
  WARN(fmt::format("{} policies: {} packets compared, {} rules never match, {} do, {} witnesses asked", policies,
                   compared, never, reached, witnesses));
  CHECK(compared > 10 * policies);
  CHECK(never > policies / 10);
  CHECK(witnesses > policies);
}
