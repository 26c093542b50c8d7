// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/redundant.h"

#include <algorithm>
#include <array>
#include <random>

#include "analyse/change.h"
#include "analyse/rule_search.h"
#include "small_policy.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;

namespace {

using Kind = Redundancy::Kind;

constexpr std::uint64_t kPorts = 14;

std::vector<Redundancy> redundant(const SmallPolicy& small) {
  return redundant_rules(small.policy, reach_of_rules(small.policy));
}

bool holds(const SmallPolicy& small, std::size_t rule, const Point& point) {
  const PolicyBoxes boxes_of(small.policy, net::Family::Ipv4);
  return std::ranges::any_of(boxes_of.of(small.policy.rules[rule]).boxes,
                             [&](const Box& box) { return contains(box, point); });
}

/// Which rules are not there, and which are that never match.
struct Absent {
  std::vector<bool> is_gone, is_dead;
};

/// Whether a packet that gets to a rule would be treated otherwise without it, rule by rule.
bool is_needed_for(const SmallPolicy& small, std::size_t rule, const Absent& absent, const Point& point) {
  const std::vector<sema::Rule>& rules = small.policy.rules;
  const auto is_same = [&](const sema::Rule* other) {
    return !change_of({.rule = &rules[rule], .settings = &small.settings},
                      {.rule = other, .settings = &small.settings});
  };
  for (std::size_t next = rule + 1; next < rules.size(); ++next) {
    if (absent.is_gone[next] || !holds(small, next, point)) continue;
    if (way_of(rules[next]) == Way::PassesOn || *rules[next].source->action == model::Action::Chain ||
        !is_same(&rules[next]))
      return true;
    if (way_of(rules[next]) == Way::Takes && !absent.is_dead[next]) return false;
  }
  return !is_same(nullptr);
}

/// Whether a packet gets to a rule.
bool gets_to(const SmallPolicy& small, std::size_t rule, const Absent& absent, const Point& point) {
  if (!holds(small, rule, point)) return false;
  for (std::size_t before = 0; before < rule; ++before)
    if (!absent.is_gone[before] && !absent.is_dead[before] && way_of(small.policy.rules[before]) == Way::Takes &&
        holds(small, before, point))
      return false;
  return true;
}

}  // namespace

TEST_CASE("rules that make no difference in a small world are those that looking at every packet finds") {
  std::mt19937 random(12);
  using enum model::Action;
  constexpr std::array kActions{Accept, Accept, Accept, Drop, Drop, Reject, Log, Chain};
  unsigned redundant_count = 0, needed_count = 0, by_policy = 0, limited = 0;
  for (int round = 0; round < 400; ++round) {
    SmallPolicy small;
    small.settings.log_policy = round % 2 == 0;
    const unsigned count = 3 + static_cast<unsigned>(random() % 10);
    for (unsigned i = 0; i < count; ++i) {
      const auto below = [&](unsigned limit) { return static_cast<std::uint16_t>(random() % limit); };
      const std::uint16_t port = below(8), source = below(8);
      model::Rule& rule = small.add(kActions[below(kActions.size())], port, static_cast<std::uint16_t>(port + below(6)),
                                    source, static_cast<std::uint16_t>(source + below(6)));
      if (below(6) == 0) rule.options.limit = model::RateLimit{.count = 3};
    }
    const std::vector<Reach> reaches = reach_of_rules(small.policy);
    const std::vector<Redundancy> found = redundant_rules(small.policy, reaches);
    REQUIRE(found.size() == count);
    Absent absent{.is_gone = std::vector<bool>(count, false), .is_dead = {}};
    for (const Reach& reach : reaches) absent.is_dead.push_back(reach.kind == Reach::Kind::Never);
    const auto takes = [&](std::size_t rule, const Point& point) {
      return !absent.is_gone[rule] && !absent.is_dead[rule] && way_of(small.policy.rules[rule]) == Way::Takes &&
             holds(small, rule, point);
    };
    for (std::size_t i = 0; i < count; ++i) {
      const model::Action action = *small.policy.rules[i].source->action;
      INFO("round " << round << ", rule " << i);
      REQUIRE(found[i].kind != Kind::NotFinished);
      if (absent.is_dead[i] || action == Log || action == Chain) {
        CHECK(found[i].kind == Kind::NotAsked);
        continue;
      }
      bool is_needed = false, is_met = false, is_left_to_policy = false;
      for (std::uint64_t port = 0; port < kPorts; ++port)
        for (std::uint64_t source = 0; source < kPorts; ++source) {
          const Point point = packet(port, source);
          if (!gets_to(small, i, absent, point)) continue;
          is_met = true;
          is_needed = is_needed || is_needed_for(small, i, absent, point);
          std::size_t next = i + 1;
          while (next < count && !takes(next, point)) ++next;
          is_left_to_policy = is_left_to_policy || next == count;
          if (found[i].kind == Kind::Redundant && next < count)
            CHECK(std::ranges::any_of(found[i].by, [&](std::size_t other) { return holds(small, other, point); }));
        }
      REQUIRE(is_met);
      CHECK(found[i].kind == (is_needed ? Kind::Needed : Kind::Redundant));
      needed_count += is_needed;
      if (is_needed) {
        CHECK(gets_to(small, i, absent, found[i].witness->point));
        CHECK(is_needed_for(small, i, absent, found[i].witness->point));
        continue;
      }
      CHECK(found[i].by_policy == is_left_to_policy);
      by_policy += found[i].by_policy;
      limited += small.policy.rules[i].source->options.limit.has_value();
      ++redundant_count;
      absent.is_gone[i] = true;
    }
  }
  CHECK(redundant_count > 100);
  CHECK(needed_count > 1000);
  CHECK(by_policy > 20);
  CHECK(limited > 10);
}

TEST_CASE("an exception that was forgotten behind a wider rule makes no difference, one before another verdict does") {
  using enum model::Action;
  SmallPolicy small;
  small.add(Accept, 80, 80), small.add(Accept, 443, 443);
  small.add(Drop, 400, 500), small.add(Accept, 1, 1000);
  const auto found = redundant(small);
  CHECK(found[0].kind == Kind::Redundant);
  CHECK(found[0].by == std::vector<std::size_t>{3});
  CHECK_FALSE(found[0].by_policy);
  CHECK(found[1].kind == Kind::Needed);
  CHECK(found[2].kind == Kind::Needed);
  CHECK(found[3].kind == Kind::Needed);
}

TEST_CASE("what does instead of a rule are several others, or the policy of the chain") {
  using enum model::Action;
  SmallPolicy small;
  small.settings.log_policy = false;
  small.add(Accept, 1, 5), small.add(Accept, 0, 3), small.add(Accept, 3, 9), small.add(Drop, 1, 20);
  const auto found = redundant(small);
  CHECK(found[0].kind == Kind::Redundant);
  CHECK(found[0].by == std::vector<std::size_t>{1, 2});
  CHECK(found[1].kind == Kind::Needed);
  CHECK(found[2].kind == Kind::Needed);
  // It drops what the policy of the chain drops.
  CHECK(found[3].kind == Kind::Redundant);
  CHECK(found[3].by_policy);
  CHECK(found[3].by.empty());
}

TEST_CASE("who logs, marks or queues otherwise is needed, whatever comes behind") {
  using enum model::Action;
  SmallPolicy small;
  small.add(Accept, 1, 1).options.log = true;
  small.add(Accept, 2, 2).options.nfmark = model::PacketMark{.value = 5};
  small.add(Nfqueue, 3, 3).options.queue = model::QueueRange{.first = 7, .last = 7};
  small.add(Log, 4, 4), small.add(Accept, 4, 4);
  small.add(Accept, 5, 5), small.add(Log, 5, 5);
  small.add(Accept, 1, 20);
  const auto found = redundant(small);
  for (const std::size_t rule : {0U, 1U, 2U, 5U}) CHECK(found[rule].kind == Kind::Needed);
  for (const std::size_t rule : {3U, 6U}) CHECK(found[rule].kind == Kind::NotAsked);
  CHECK(found[4].kind == Kind::Redundant);
}

TEST_CASE("a rule that another one leaves nothing does not do in its place") {
  using enum model::Action;
  SmallPolicy twice, otherwise;
  twice.add(Accept, 80, 80), twice.add(Accept, 80, 80), twice.add(Drop, 1, 100);
  CHECK(redundant(twice)[0].kind == Kind::Needed);
  CHECK(redundant(twice)[1].kind == Kind::NotAsked);
  // It never matches either, but would.
  otherwise.add(Accept, 80, 80), otherwise.add(Drop, 80, 80), otherwise.add(Accept, 1, 100);
  CHECK(redundant(otherwise)[0].kind == Kind::Needed);
}
