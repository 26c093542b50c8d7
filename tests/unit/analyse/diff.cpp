// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "analyse/common_rules.h"
#include "analyse/policy_boxes.h"
#include "analyse/remainder.h"
#include "small_policy.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;

namespace {

Decision decision(const SmallPolicy& small, const std::optional<std::size_t>& rule) {
  return {.rule = rule ? &small.policy.rules[*rule] : nullptr, .settings = &small.settings};
}

}  // namespace

TEST_CASE("what two small policies treat otherwise is what looking at every packet says") {
  std::mt19937 random(11);
  using enum model::Action;
  constexpr std::array kActions{Accept, Accept, Drop, Reject, Nfqueue};
  unsigned differing = 0, joined = 0;
  for (int round = 0; round < 400; ++round) {
    SmallPolicy before, after;
    const auto add = [&](SmallPolicy& to, const std::array<unsigned, 5>& rule) {
      to.add(kActions[rule[0] % kActions.size()], static_cast<std::uint16_t>(rule[1] % 8),
             static_cast<std::uint16_t>(rule[1] % 8 + rule[2] % 5), static_cast<std::uint16_t>(rule[3] % 8),
             static_cast<std::uint16_t>(rule[3] % 8 + rule[4] % 5));
    };
    const unsigned count = 2 + static_cast<unsigned>(random() % 12);
    for (unsigned i = 0; i < count; ++i) {
      std::array<unsigned, 5> rule{};
      for (unsigned& number : rule) number = static_cast<unsigned>(random() & 0xffff);
      const unsigned edit = static_cast<unsigned>(random() % 8);
      if (edit != 0) add(before, rule);
      if (edit == 2) rule[0] = static_cast<unsigned>(random() & 0xffff);
      if (edit != 1) add(after, rule);
    }
    const PolicyDiff found = diff(before.policy, after.policy);
    REQUIRE(found.unfinished == 0);
    REQUIRE(found.not_compared.empty());
    std::map<std::tuple<Change, std::optional<std::size_t>, std::optional<std::size_t>>, unsigned> told;
    for (std::uint64_t port = 0; port < 14; ++port)
      for (std::uint64_t source = 0; source < 14; ++source) {
        const Point point = packet(port, source);
        const auto from = taker(before, point), to = taker(after, point);
        const auto change = change_of(decision(before, from), decision(after, to));
        std::size_t rows = 0;
        for (const DiffRow& row : found.rows)
          for (const Traffic& traffic : row.traffic)
            if (traffic.family == net::Family::Ipv4 && contains(traffic.box, point)) {
              ++rows;
              CHECK(change == row.change);
              CHECK(row.from == from);
              CHECK(row.to == to);
            }
        CHECK(rows == (change ? 1 : 0));
        differing += change.has_value();
        if (change) ++told[{*change, from, to}];
      }
    CHECK(told.size() == found.rows.size());
    for (const DiffRow& row : found.rows) {
      CHECK_FALSE(row.is_outline);
      CHECK(std::ranges::any_of(row.traffic, [&](const Traffic& traffic) {
        return traffic.family == row.witness.family && contains(traffic.box, row.witness.point);
      }));
      CHECK(taker(before, row.witness.point) == row.from);
      CHECK(taker(after, row.witness.point) == row.to);
      joined += told[{row.change, row.from, row.to}] > row.traffic.size() / 2;
    }
  }
  CHECK(differing > 2000);
  CHECK(joined > 300);
}

TEST_CASE("a policy is equal to itself, and to one whose rules changed places without a difference") {
  using enum model::Action;
  SmallPolicy before, after;
  before.add(Accept, 80, 80), before.add(Drop, 22, 22), before.add(Accept, 443, 443);
  after.add(Drop, 22, 22), after.add(Accept, 443, 443), after.add(Accept, 80, 80);
  CHECK(diff(before.policy, before.policy).is_equal());
  CHECK(diff(before.policy, after.policy).is_equal());
}

TEST_CASE("a rule that is not known by its packets is told and not taken for equal") {
  using enum model::Action;
  SmallPolicy before, after, moved, apart;
  before.add(Accept, 80, 80).options.limit = model::RateLimit{.count = 3};
  before.add(Drop, 1, 100);
  after.add(Accept, 80, 80).options.limit = model::RateLimit{.count = 4};
  after.add(Drop, 1, 100);
  const PolicyDiff limits = diff(before.policy, after.policy);
  CHECK(limits.rows.empty());
  CHECK(limits.not_compared ==
        std::vector<NotCompared>{{NotCompared::Why::OnlyBefore, 0, {}}, {NotCompared::Why::OnlyAfter, {}, 0}});
  CHECK_FALSE(limits.is_equal());
  // Behind the rule that takes all of it.
  moved.add(Drop, 1, 100);
  moved.add(Accept, 80, 80).options.limit = model::RateLimit{.count = 3};
  const PolicyDiff order = diff(before.policy, moved.policy);
  CHECK(order.rows.empty());
  CHECK(order.not_compared == std::vector<NotCompared>{{NotCompared::Why::Order, 0, 1}});
  // Behind one that takes none of it.
  apart.add(Drop, 1, 100), apart.add(Accept, 200, 200);
  SmallPolicy apart_moved;
  apart.add(Accept, 300, 300).options.limit = model::RateLimit{.count = 3};
  apart_moved.add(Accept, 300, 300).options.limit = model::RateLimit{.count = 3};
  apart_moved.add(Drop, 1, 100), apart_moved.add(Accept, 200, 200);
  CHECK(diff(apart.policy, apart_moved.policy).is_equal());
}

TEST_CASE("log rules: what they see no more, and what they see instead") {
  using enum model::Action;
  SmallPolicy before, wider, behind, gone;
  before.add(Log, 80, 90), before.add(Drop, 1, 100);
  wider.add(Log, 80, 95), wider.add(Drop, 1, 100);
  behind.add(Drop, 1, 100), behind.add(Log, 80, 90);
  gone.add(Drop, 1, 100);
  const PolicyDiff more = diff(before.policy, wider.policy);
  REQUIRE(more.rows.size() == 1);
  CHECK(more.not_compared.empty());
  CHECK(more.rows[0].change == Change::LogAdded);
  CHECK(more.rows[0].to == 0);
  CHECK(more.rows[0].traffic[0].box[Field::DestinationPort] == Interval::of(91, 95));
  for (const SmallPolicy* after : {&behind, &gone}) {
    const PolicyDiff less = diff(before.policy, after->policy);
    REQUIRE(less.rows.size() == 1);
    CHECK(less.rows[0].change == Change::LogRemoved);
    CHECK(less.rows[0].from == 0);
    CHECK(less.rows[0].traffic[0].box[Field::DestinationPort] == Interval::of(80, 90));
  }
}

TEST_CASE("what is one change is one row: drop to reject, queues, marks, the policy of the chain") {
  using enum model::Action;
  const auto only = [](const SmallPolicy& before, const SmallPolicy& after) {
    const PolicyDiff found = diff(before.policy, after.policy);
    REQUIRE(found.rows.size() == 1);
    CHECK(found.rows[0].traffic.size() == 2);  // of both families
    return found.rows[0].change;
  };
  SmallPolicy none, accept, drop, reject, reset, queue, bypass, mark, log;
  accept.add(Accept, 5, 9), drop.add(Drop, 5, 9), reject.add(Reject, 5, 9);
  reset.add(Reject, 5, 9).options.reject_type = model::RejectType::TcpReset;
  queue.add(Nfqueue, 5, 9).options.queue = model::QueueRange{.first = 3, .last = 3};
  model::Rule& with_bypass = bypass.add(Nfqueue, 5, 9);
  with_bypass.options.queue = model::QueueRange{.first = 3, .last = 3};
  with_bypass.options.queue_bypass = true;
  mark.add(Accept, 5, 9).options.nfmark = model::PacketMark{.value = 1};
  log.add(Accept, 5, 9).options.log = true;
  CHECK(only(none, accept) == Change::Allowed);
  CHECK(only(accept, none) == Change::Blocked);
  CHECK(only(drop, reject) == Change::Refused);
  CHECK(only(reject, reset) == Change::Refused);
  CHECK(only(accept, queue) == Change::Queued);
  CHECK(only(queue, bypass) == Change::Queued);
  CHECK(only(accept, mark) == Change::Handled);
  CHECK(only(accept, log) == Change::Logged);
  CHECK(only(none, drop) == Change::Logged);  // for the policy of the chain is logged
  none.settings.log_policy = drop.settings.log_policy = false;
  CHECK(diff(none.policy, drop.policy).is_equal());
}

TEST_CASE("a rule that logs as the policy of the chain does not is logged otherwise") {
  SmallPolicy none, drop, alike, prefix, zero;
  const auto add = [](SmallPolicy& to) -> model::Options& {
    model::Options& options = to.add(model::Action::Drop, 5, 9).options;
    options.log = true;
    return options;
  };
  const auto change = [](const SmallPolicy& before, const SmallPolicy& after) {
    const PolicyDiff found = diff(before.policy, after.policy);
    return found.rows.empty() ? std::nullopt : std::optional(found.rows[0].change);
  };
  add(drop);
  add(alike).log_limit = none.settings.log_policy_limit;
  model::Options& with_prefix = add(prefix);
  with_prefix.log_limit = none.settings.log_policy_limit;
  with_prefix.log_prefix = std::string("web");
  add(zero).log_limit = 0;
  CHECK(change(none, alike) == std::nullopt);
  CHECK(change(none, prefix) == Change::Logged);
  CHECK(change(none, drop) == Change::Logged);  // which logs all of them, the policy some in a second
  CHECK(change(drop, zero) == std::nullopt);
}

TEST_CASE("what is asked before the rules is told when it is not the same") {
  SmallPolicy before, after;
  after.settings.syn_limit.burst = 99;
  after.policy.blocked = {*net::Prefix::parse("192.0.2.0/24")};
  const PolicyDiff found = diff(before.policy, after.policy);
  CHECK(found.otherwise_set ==
        std::vector<OtherwiseSet>{{OtherwiseSet::What::Setting, "SYN_LIMIT"}, {OtherwiseSet::What::Blocklist, ""}});
  CHECK_FALSE(found.is_equal());
}

TEST_CASE("the difference of two policies of an adversary ends in a budget and not in a guess") {
  std::mt19937 random(3);
  SmallPolicy before, after;
  for (SmallPolicy* policy : {&before, &after})
    for (int i = 0; i < 400; ++i) {
      const auto port = static_cast<std::uint16_t>(random() % 1000),
                 source = static_cast<std::uint16_t>(random() % 1000);
      policy->add(random() % 2 == 0 ? model::Action::Accept : model::Action::Drop, port,
                  static_cast<std::uint16_t>(port + random() % 400), source,
                  static_cast<std::uint16_t>(source + random() % 400));
    }
  const PolicyDiff found = diff(before.policy, after.policy, 2000);
  CHECK(found.unfinished > 0);
  CHECK_FALSE(found.is_equal());
  const PolicyDiff whole = diff(before.policy, after.policy);
  CHECK(whole.unfinished == 0);
  for (const DiffRow& row : whole.rows) {
    REQUIRE(taker(before, row.witness.point) == row.from);
    REQUIRE(taker(after, row.witness.point) == row.to);
  }
}

TEST_CASE("what is left of a box is what looking at every point says") {
  std::mt19937 random(9);
  const auto small_box = [&] {
    RankBox box{};
    for (const std::size_t f : {0U, 4U, 7U}) {
      box.first[f] = static_cast<std::uint32_t>(random() % 6);
      box.last[f] = box.first[f] + static_cast<std::uint32_t>(random() % 4);
    }
    return box;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<RankBox> first, second;
    for (unsigned i = 0; i < 3 + random() % 20; ++i) first.push_back(small_box());
    for (unsigned i = 0; i < 3 + random() % 20; ++i) second.push_back(small_box());
    Remainders remainders(first, second, 1'000'000);
    const RankBox region = small_box();
    const auto end1 = static_cast<std::uint32_t>(random() % first.size()),
               end2 = static_cast<std::uint32_t>(random() % second.size());
    const Remainder found = remainders.of(region, end1, end2);
    REQUIRE(found.is_whole);
    RankPoint point{};
    for (point[0] = 0; point[0] < 10; ++point[0])
      for (point[4] = 0; point[4] < 10; ++point[4])
        for (point[7] = 0; point[7] < 10; ++point[7]) {
          const auto holds = [&](const RankBox& box) { return contains(box, point); };
          const bool is_left = holds(region) && std::none_of(first.begin(), first.begin() + end1, holds) &&
                               std::none_of(second.begin(), second.begin() + end2, holds);
          CHECK(std::ranges::count_if(found.pieces, holds) == (is_left ? 1 : 0));
        }
    CHECK((found.kind == Remainder::Kind::Something) == !found.pieces.empty());
  }
}

TEST_CASE("the common part of two lists rises in both, and holds all but what was edited") {
  std::mt19937 random(13);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint64_t> first, second;
    unsigned edits = 0;
    for (unsigned i = 0; i < 50; ++i) {
      const std::uint64_t member = random() % 40;
      const unsigned edit = static_cast<unsigned>(random() % 20);
      if (edit != 0) first.push_back(member);
      if (edit != 1) second.push_back(member);
      edits += edit < 2;
    }
    const Common common = common_part(first, second, [](std::size_t, std::size_t) { return true; });
    std::uint32_t last = 0, members = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const std::uint32_t twin = common.of_first[i];
      if (twin == Common::kNone) continue;
      CHECK((members == 0 || twin > last));
      CHECK(first[i] == second[twin]);
      CHECK(common.of_second[twin] == i);
      last = twin;
      ++members;
    }
    if (edits == 0) CHECK(members == 50);
    CHECK(members + 12 * edits >= 50);
  }
}
