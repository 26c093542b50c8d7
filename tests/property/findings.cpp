// SPDX-License-Identifier: GPL-2.0-or-later
// What is found out about rules, held against the reference: overlaps and their packets, translation without effect,
// and that nobody gets in. VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's seed.
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "analyse/overlaps.h"
#include "analyse/rule_search.h"
#include "analyse/ssh_reach.h"
#include "analyse/translations.h"
#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "kernel/matrix/random_policy.h"
#include "packets.h"
#include "reference/interpreter.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using analyse::Way;
using reference::Answer;
using reference::Packet;
using reference::Verdict;

namespace {

bool is_let_through(const Answer& answer) {
  return answer.verdict == Verdict::Accept || answer.verdict == Verdict::Queue;
}

bool is_same_destination(const Answer& a, const Answer& b) {
  return a.destination.has_value() == b.destination.has_value() &&
         (!a.destination ||
          (a.destination->address == b.destination->address && a.destination->ports == b.destination->ports));
}

/// Asks with a full bucket each time.
class Oracle {
 public:
  Oracle(model::Policy policy, const reference::World& world) : policy_(std::move(policy)), world_(world) {}

  [[nodiscard]] Answer first(const Packet& packet) const {
    return reference::Interpreter(policy_, world_).first(packet);
  }
  [[nodiscard]] std::string taker(const Packet& packet) const {
    return reference::Interpreter(policy_, world_).ask_rules(packet).why;
  }

 private:
  model::Policy policy_;
  const reference::World& world_;
};

/// With some rules only, by their numbers.
template <class Wanted>
model::Policy with_rules(const model::Policy& policy, const Wanted& wanted) {
  model::Policy other = policy;
  for (model::Rule& rule : other.rules) rule.active = rule.active && wanted(rule.number);
  return other;
}

std::string name(const sema::Policy& policy, std::size_t rule) {
  return fmt::format("rule {}", policy.rules[rule].source->number);
}

struct Counts {
  unsigned overlaps = 0, overlap_packets = 0, taken = 0, refused = 0, translated = 0, closed = 0, door_packets = 0;
};

void check_overlaps(const sema::Policy& policy, const model::Policy& model, const reference::World& world,
                    std::mt19937& random, Counts& counts) {
  analyse::OverlapSearch search(policy);
  REQUIRE(search.find({}));
  const Oracle all(model, world);
  for (const analyse::Overlap& overlap : search.found()) {
    ++counts.overlaps;
    const std::uint32_t number = policy.rules[overlap.second].source->number;
    const Oracle second(with_rules(model, [&](std::uint32_t each) { return each == number; }), world);
    const analyse::OverlapTraffic traffic = search.traffic_of(overlap);
    REQUIRE_FALSE(traffic.traffic.empty());
    CHECK_FALSE(traffic.is_outline);
    for (const analyse::Traffic& each : traffic.traffic) {
      const analyse::FilterBoxes boxes_of(policy, each.family);
      for (int tries = 0; tries < 3; ++tries) {
        const auto packet = property::packet_at(property::point_in(each.box, random), boxes_of.plain(), each.family);
        if (!packet) continue;
        const std::string taker = all.taker(*packet);
        // One before it may take it within its limit, or takes what is not known.
        bool is_told = taker == name(policy, overlap.first);
        for (std::size_t before = 0; before < overlap.first && !is_told; ++before)
          is_told = taker == name(policy, before) && (analyse::way_of(policy.rules[before]) == Way::MayTake ||
                                                      boxes_of.taken_by(policy.rules[before]).has_more);
        INFO(name(policy, overlap.first) << " over " << name(policy, overlap.second) << ", taken by " << taker << ": "
                                         << property::text_of(*packet));
        CHECK(is_told);
        CHECK(second.taker(*packet) == name(policy, overlap.second));
        ++counts.overlap_packets;
      }
    }
  }
}

/// A packet that comes in and that a rule asks for, as it is before translation.
std::optional<Packet> packet_of(const sema::Rule& rule, const analyse::FilterBoxes& boxes_of, std::mt19937& random) {
  std::vector<analyse::Box> boxes = boxes_of.masked_by(rule);
  for (const analyse::Redirection& to : boxes_of.redirected_by(rule)) boxes.push_back(to.box);
  if (boxes.empty()) return std::nullopt;
  auto packet = property::packet_at(property::point_in(boxes[random() % boxes.size()], random), boxes_of.plain(),
                                    boxes_of.family());
  if (packet && packet->protocol == net::Protocol::Tcp) packet->tcp_flags = 2;
  return packet;
}

void check_translations(const sema::Policy& policy, const model::Policy& model, const reference::World& world,
                        std::mt19937& random, Counts& counts) {
  using Kind = analyse::Translation::Kind;
  const std::vector<analyse::Translation> found = analyse::translations_of_rules(policy);
  const Oracle with(model, world);
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].kind != Kind::NotFinished);
    if (found[i].kind == Kind::None || found[i].kind == Kind::Works) continue;
    counts.taken += found[i].kind == Kind::TakenFirst;
    counts.refused += found[i].kind == Kind::Refused;
    const std::uint32_t number = policy.rules[i].source->number;
    const Oracle without(with_rules(model, [&](std::uint32_t each) { return each != number; }), world);
    for (int tries = 0; tries < 12; ++tries) {
      const net::Family family = net::kFamilies[random() % 2];
      const analyse::FilterBoxes boxes_of(policy, family);
      const auto packet = tries < 4 ? std::optional(property::arriving_packet(world, random))
                                    : packet_of(policy.rules[i], boxes_of, random);
      // A device that "lan+" stands for and that is not there has no address to redirect to.
      if (!packet || (!packet->in_device.empty() && !world.devices.contains(packet->in_device))) continue;
      const Answer is = with.first(*packet), would = without.first(*packet);
      INFO(name(policy, i) << ": " << model::summary(*policy.rules[i].source) << ", told " << is.why << ": "
                           << property::text_of(*packet));
      const bool is_moved = !is_same_destination(is, would);
      if (found[i].kind != Kind::Refused) {
        CHECK_FALSE(is_moved);
        CHECK((!is_let_through(is) || is.source == would.source));
      } else if (is_moved || is.source != would.source) {
        CHECK_FALSE(is_let_through(is));
      }
      ++counts.translated;
    }
  }
}

void check_door(const sema::Policy& policy, const model::Policy& model, const reference::World& world,
                std::mt19937& random, Counts& counts) {
  const analyse::SshReach reach = analyse::ssh_reach(model, policy);
  if (!reach.is_closed) return;
  ++counts.closed;
  const Oracle oracle(model, world);
  const std::uint16_t door = reach.ports.front().first;
  for (int tries = 0; tries < 30; ++tries) {
    Packet packet = property::arriving_packet(world, random);
    packet.protocol = net::Protocol::Tcp;
    packet.tcp_flags = 2;
    if (random() % 4 != 0) packet.destination_port = door;
    const auto& addresses = world.devices.at(packet.in_device);
    for (const net::Prefix& own : addresses)
      if (own.family() == packet.family() && random() % 2 == 0) packet.destination = own.address;
    const Answer answer = oracle.first(packet);
    const auto ports = answer.destination ? answer.destination->ports : std::vector<net::PortRange>{};
    const bool is_door = ports.empty()
                             ? packet.destination_port == door
                             : std::ranges::any_of(ports, [&](const auto& each) { return each.contains(door); });
    if (!answer.out_device.empty() || !is_door) continue;
    INFO("told " << answer.why << ": " << property::text_of(packet));
    CHECK_FALSE(is_let_through(answer));
    ++counts.door_packets;
  }
}

}  // namespace

TEST_CASE("what is found out about random policies is true of their packets") {
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1);
  const unsigned policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 300);
  const reference::World world = property::world();
  Counts counts;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    base::MemoryFileSystem files;
    for (const auto& [path, text] : kernel_test::random_policy(random)) files.files["/tree/" + path] = text;
    const auto checked = control::check_tree(files, "/tree");
    REQUIRE_FALSE(checked->sink.has_errors());
    INFO("seed " << seed << "\n" << files.files["/tree/rules/rules.conf"]);
    const model::Policy& model = checked->tree.policy;
    check_overlaps(checked->policy, model, world, random, counts);
    check_translations(checked->policy, model, world, random, counts);
    check_door(checked->policy, model, world, random, counts);
  }
  WARN(fmt::format(
      "{} policies: {} overlaps, {} packets of theirs; {} rules translate what others do, {} what is refused, {} "
      "packets asked; {} closed to SSH, {} packets to it",
      policies, counts.overlaps, counts.overlap_packets, counts.taken, counts.refused, counts.translated, counts.closed,
      counts.door_packets));
  CHECK(counts.overlap_packets > policies);
  CHECK(counts.taken > policies / 60);
  CHECK(counts.refused > policies / 20);
  CHECK(counts.closed > policies / 20);
  CHECK(counts.door_packets > policies / 10);
}
