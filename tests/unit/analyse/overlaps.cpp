// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/overlaps.h"

#include <array>
#include <chrono>
#include <deque>
#include <random>
#include <set>

#include "analyse/filter_boxes.h"
#include "analyse/rule_search.h"
#include "analyse/verdict_text.h"
#include "support/catch.h"
#include "unit/analyse/named_world.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;
using model::Action;
using test::NamedWorld;

namespace {

constexpr std::uint16_t kPorts = 10;

/// Rules about ports of TCP from and to, some with several port sets.
struct PortRules {
  void add(std::mt19937& random) {
    constexpr std::array kActions{Action::Accept, Action::Drop, Action::Reject, Action::Nfqueue,
                                  Action::Accept, Action::Drop, Action::Log};
    model::Rule& source = sources.emplace_back();
    source.action = kActions[random() % kActions.size()];
    source.number = static_cast<std::uint32_t>(sources.size());
    if (random() % 8 == 0) source.options.limit = model::RateLimit{.count = 5};
    sema::Rule rule;
    rule.source = &source;
    rule.to.kind = sema::End::Kind::FirewallAny;
    const auto range = [&] {
      const auto first = static_cast<std::uint16_t>(random() % kPorts);
      return net::PortRange{first, static_cast<std::uint16_t>(first + random() % (kPorts - first))};
    };
    for (std::size_t sets = 1 + random() % 3; sets != 0; --sets)
      rule.port_sets.push_back({.protocol = net::Protocol::Tcp, .destination = range(), .source = range()});
    policy.rules.push_back(rule);
  }

  [[nodiscard]] bool holds(std::size_t rule, std::uint16_t port, std::uint16_t source) const {
    return std::ranges::any_of(policy.rules[rule].port_sets, [&](const model::PortSet& set) {
      return set.destination.contains(port) && set.source.contains(source);
    });
  }
  [[nodiscard]] bool takes(std::size_t rule) const { return way_of(policy.rules[rule]) == Way::Takes; }
  /// The rule that decides; their number for none.
  [[nodiscard]] std::size_t taker(std::uint16_t port, std::uint16_t source) const {
    std::size_t rule = 0;
    while (rule < policy.rules.size() && !(takes(rule) && holds(rule, port, source))) ++rule;
    return rule;
  }

  std::deque<model::Rule> sources;
  sema::Policy policy;
};

bool contains(const OverlapTraffic& traffic, net::Family family, std::uint16_t port, std::uint16_t source) {
  Point point{};
  point[static_cast<std::size_t>(Field::Protocol)].low = 6;
  point[static_cast<std::size_t>(Field::DestinationPort)].low = port;
  point[static_cast<std::size_t>(Field::SourcePort)].low = source;
  return std::ranges::any_of(traffic.traffic,
                             [&](const Traffic& each) { return each.family == family && contains(each.box, point); });
}

}  // namespace

TEST_CASE("the overlaps of small policies, and their packets, are what looking at every packet says") {
  std::mt19937 random(5);
  unsigned overlaps = 0, exceptions = 0, hidden = 0;
  for (int round = 0; round < 400; ++round) {
    PortRules rules;
    for (std::size_t count = 2 + random() % 9; count != 0; --count) rules.add(random);
    const std::size_t count = rules.policy.rules.size();
    // By pairs: packets that the first one decides and the second one would take; and whether it decides others.
    std::vector<std::vector<unsigned>> shared(count, std::vector<unsigned>(count));
    std::vector<unsigned> decided(count + 1);
    for (std::uint16_t port = 0; port < kPorts; ++port)
      for (std::uint16_t source = 0; source < kPorts; ++source) {
        const std::size_t taker = rules.taker(port, source);
        ++decided[taker];
        for (std::size_t second = taker + 1; second < count; ++second)
          shared[taker][second] += rules.takes(second) && rules.holds(second, port, source);
      }
    std::set<std::pair<std::size_t, std::size_t>> expected;
    for (std::size_t first = 0; first < count; ++first)
      for (std::size_t second = first + 1; second < count; ++second) {
        if (lets_through(rules.policy.rules[first]) == lets_through(rules.policy.rules[second])) continue;
        if (shared[first][second] == 0) continue;
        exceptions += shared[first][second] == decided[first];
        hidden += decided[second] == 0;
        if (shared[first][second] != decided[first] && decided[second] != 0) expected.insert({first, second});
      }
    OverlapSearch search(rules.policy);
    REQUIRE(search.find({}));
    std::set<std::pair<std::size_t, std::size_t>> found;
    for (const Overlap& overlap : search.found()) {
      found.insert({overlap.first, overlap.second});
      const OverlapTraffic traffic = search.traffic_of(overlap);
      CHECK_FALSE(traffic.is_outline);
      for (const net::Family family : net::kFamilies)
        for (std::uint16_t port = 0; port < kPorts; ++port)
          for (std::uint16_t source = 0; source < kPorts; ++source) {
            const bool is_shared =
                rules.taker(port, source) == overlap.first && rules.holds(overlap.second, port, source);
            REQUIRE(contains(traffic, family, port, source) == is_shared);
          }
      for (const Point& point : {overlap.example.point, traffic.example.point}) {
        const auto port = static_cast<std::uint16_t>(point[static_cast<std::size_t>(Field::DestinationPort)].low);
        const auto source = static_cast<std::uint16_t>(point[static_cast<std::size_t>(Field::SourcePort)].low);
        CHECK(rules.taker(port, source) == overlap.first);
        CHECK(rules.holds(overlap.second, port, source));
      }
    }
    INFO("round " << round);
    CHECK(found == expected);
    CHECK(found.size() == search.found().size());
    overlaps += static_cast<unsigned>(found.size());
  }
  CHECK(overlaps > 400);
  CHECK(exceptions > 50);
  CHECK(hidden > 100);
}

TEST_CASE("an exception before the general rule is none, and what goes beyond it is told with its packets") {
  NamedWorld world;
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  world.rule(Action::Accept, "http", "lan", "dmz");
  world.rule(Action::Drop, "any", "any", "dmz");
  CHECK(world.findings().empty());
  world.rule(Action::Accept, "https", "lan", "any");
  world.rule(Action::Drop, "any", "any", "inet");
  CHECK(world.findings() == std::vector<std::string>{"overlap: rule 5 refuses what rule 4 before it lets through, and "
                                                     "that is no special case of it"});
  const diag::Diagnostic& finding = world.told.all().front();
  REQUIRE(finding.notes.size() == 2);
  CHECK(finding.notes[0].message ==
        "rule 4 takes forward, in lan0, out inet0, from 10.1.0.0/24 (net.lan) to any, https (tcp 443)");
  CHECK(finding.notes[1].message.starts_with("for example tcp 10.1.0."));
}

TEST_CASE("a rule that opens less than it says, for one before it refuses, is told when all is asked for") {
  NamedWorld world;
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  world.rule(Action::Drop, "http", "any", "dmz");
  world.rule(Action::Accept, "any", "lan", "dmz");
  CHECK(world.findings().empty());
  CHECK(world.findings({.overlaps = DeepOptions::Overlaps::All}) ==
        std::vector<std::string>{
            "overlap: rule 3 lets through what rule 2 before it refuses, and that is no special case of it"});
}

TEST_CASE("many overlaps are counted, and all are told to those who want them") {
  NamedWorld world;
  for (std::uint16_t i = 0; i < 14; ++i) {
    const std::string name = "service-" + std::to_string(i);
    world.add_service(name.c_str(), static_cast<std::uint16_t>(8000 + i));
    world.rule(Action::Accept, name.c_str(), "lan", "any");
    world.rule(Action::Drop, name.c_str(), "any", "inet");
  }
  world.rule(Action::Accept, "ssh", "lan", "firewall");
  const std::vector<std::string> some = world.findings();
  REQUIRE(some.size() == 11);
  CHECK(some.back() ==
        "overlap: 4 more rules refuse what rules before them let through: 'vuurmuur check --overlaps' tells of all");
  CHECK(world.findings({.overlaps = DeepOptions::Overlaps::All}).size() == 14);
  CHECK(
      world.findings({.overlaps = DeepOptions::Overlaps::Counted}) ==
      std::vector<std::string>{"overlap: rules 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 and 2 more refuse what rules "
                               "before them let through: 'vuurmuur check --deep' tells which packets that is"});
}

TEST_CASE("when the time is over nothing is guessed, and it is told") {
  NamedWorld world;
  world.rule(Action::Accept, "https", "lan", "any");
  world.rule(Action::Drop, "any", "any", "inet");
  CHECK(world.findings({.limit = TimeLimit(std::chrono::seconds(-1))}) ==
        std::vector<std::string>{"not-finished: the rules were not held against each other to the end, for that takes "
                                 "longer than others should wait: 'vuurmuur check --deep' does"});
}
