// SPDX-License-Identifier: GPL-2.0-or-later
// Policies so small that every packet that any box can tell from others is looked at.
#include <algorithm>
#include <random>

#include "analyse/diff.h"
#include "analyse/never_matching.h"
#include "analyse/policy_boxes.h"
#include "analyse/redundant.h"
#include "certificate.h"
#include "random_lists.h"
#include "read_boxes.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::judges;
using analyse::Change;
using analyse::Field;

namespace {

List list_of(const sema::Policy& policy, const analyse::PolicyBoxes& boxes_of) {
  List list;
  for (std::size_t i = 0; i < policy.rules.size(); ++i)
    for (const analyse::Box& box : boxes_of.of(policy.rules[i]).boxes)
      list.push_back({.rule = i, .takes = *policy.rules[i].source->action != model::Action::Log, .box = read(box)});
  return list;
}

/// One packet of each piece that the ends of boxes cut the world into.
template <class Visit>
void for_each_packet(const Box& world, std::initializer_list<const List*> lists, const Visit& visit) {
  std::array<std::vector<Number>, kDimensions> values;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    values[d] = {world[d].first};
    for (const List* list : lists)
      for (const Entry& entry : *list)
        for (const Number begin : {entry.box[d].first, entry.box[d].last + 1})
          if (begin >= world[d].first && begin <= world[d].last) values[d].push_back(begin);
    std::ranges::sort(values[d]);
    values[d].erase(std::ranges::unique(values[d]).begin(), values[d].end());
  }
  std::array<std::size_t, kDimensions> at{};
  for (;;) {
    Point point;
    for (std::size_t d = 0; d < kDimensions; ++d) point[d] = values[d][at[d]];
    visit(point);
    std::size_t d = 0;
    while (d < kDimensions && ++at[d] == values[d].size()) at[d++] = 0;
    if (d == kDimensions) return;
  }
}

bool is(const Point& point, Field field, Number value) { return point[static_cast<std::size_t>(field)] == value; }

std::string treatment(const sema::Policy& policy, std::size_t rule, const Point& point) {
  if (rule == kNobody) return "drop";
  const model::Rule& source = *policy.rules[rule].source;
  const std::string log = source.options.log ? ", logged" : "";
  switch (*source.action) {
    case model::Action::Accept: return "accept" + log;
    case model::Action::Nfqueue: return "queue " + std::to_string((**source.options.queue).first) + log;
    case model::Action::Reject:
      return (source.options.reject_type && is(point, Field::Protocol, 6) ? "reset" : "reject") + log;
    default: return "drop" + log;
  }
}

std::vector<std::string> records(const sema::Policy& policy, const List& list, const Point& point) {
  std::vector<std::string> prefixes;
  for (const std::size_t rule : passed(list, point))
    prefixes.push_back(**policy.rules[rule].source->options.log_prefix);
  std::ranges::sort(prefixes);
  return prefixes;
}

/// Whether a list and the same without some rules do otherwise with a packet, or log it so.
bool differ(const sema::Policy& policy, const List& list, const List& left, const Point& point) {
  return treatment(policy, taker(list, point), point) != treatment(policy, taker(left, point), point) ||
         records(policy, list, point) != records(policy, left, point);
}

List without(List list, const std::vector<bool>& gone) {
  std::erase_if(list, [&](const Entry& entry) { return gone[entry.rule]; });
  return list;
}

}  // namespace

TEST_CASE("in a small world rules take packets exactly when it is said that they can match") {
  std::mt19937 random(21);
  unsigned never = 0, reached = 0;
  for (int round = 0; round < 30; ++round) {
    const ListPolicy small(small_lines(3 + random() % 16, random));
    const sema::Policy& policy = small.policy();
    const auto reaches = analyse::reach_of_rules(policy);
    std::vector<bool> gets(reaches.size());
    for (const net::Family family : net::kFamilies) {
      const analyse::PolicyBoxes boxes_of(policy, family);
      const List list = list_of(policy, boxes_of);
      for_each_packet(read(boxes_of.everything()), {&list}, [&](const Point& point) {
        if (const std::size_t rule = taker(list, point); rule != kNobody) gets[rule] = true;
        for (const std::size_t rule : passed(list, point)) gets[rule] = true;
      });
    }
    for (std::size_t i = 0; i < reaches.size(); ++i) {
      INFO("round " << round << ", rule " << i);
      CHECK((reaches[i].kind == analyse::Reach::Kind::Reached) == gets[i]);
      ++(gets[i] ? reached : never);
    }
  }
  CHECK(never > 20);
  CHECK(reached > 100);
}

TEST_CASE("in a small world two policies treat packets otherwise exactly when it is said, and log them so") {
  std::mt19937 random(22);
  unsigned differing = 0, logged = 0, uncertain = 0;
  for (int round = 0; round < 70; ++round) {
    const Lines lines = small_lines(3 + random() % 10, random);
    const ListPolicy old(lines), now(edited(lines, small_lines(3, random), random));
    const analyse::PolicyDiff diff = analyse::diff(old.policy(), now.policy());
    REQUIRE(diff.unfinished == 0);
    uncertain += !diff.not_compared.empty();
    for (const net::Family family : net::kFamilies) {
      const analyse::PolicyBoxes boxes_before(old.policy(), family, now.policy()),
          boxes_after(now.policy(), family, old.policy());
      const List before = list_of(old.policy(), boxes_before), after = list_of(now.policy(), boxes_after);
      const Box world = read(boxes_before.everything());
      const std::vector<Box> cannot_be = impossible(world);
      for_each_packet(world, {&before, &after}, [&](const Point& point) {
        if (std::ranges::any_of(cannot_be, [&](const Box& box) { return holds(box, point); })) return;
        const std::size_t from = taker(before, point), to = taker(after, point);
        const bool differs = treatment(old.policy(), from, point) != treatment(now.policy(), to, point);
        const bool is_logged_otherwise = records(old.policy(), before, point) != records(now.policy(), after, point);
        unsigned rows = 0, log_rows = 0;
        bool are_right = true;
        for (const analyse::DiffRow& row : diff.rows)
          for (const analyse::Traffic& traffic : row.traffic) {
            if (traffic.family != family || !holds(read(traffic.box), point)) continue;
            if (row.change == Change::LogAdded || row.change == Change::LogRemoved) {
              ++log_rows;
              continue;
            }
            ++rows;
            are_right = are_right && row.from.value_or(kNobody) == from && row.to.value_or(kNobody) == to;
          }
        const bool is_log_told = differs || !diff.not_compared.empty() || (log_rows > 0) == is_logged_otherwise;
        if (!are_right || rows != (differs ? 1 : 0) || !is_log_told)
          FAIL_CHECK("round " << round << ", rules " << from << " and " << to << ": " << rows << " rows, " << log_rows
                              << " of log rules");
        differing += differs;
        logged += is_logged_otherwise;
      });
    }
  }
  CHECK(differing > 5'000);
  CHECK(logged > 500);
  CHECK(uncertain < 35);
}

TEST_CASE("in a small world rules make a difference to some packet exactly when it is said") {
  std::mt19937 random(23);
  unsigned redundant = 0, needed = 0, one_more = 0;
  for (int round = 0; round < 60; ++round) {
    const ListPolicy small(small_lines(3 + random() % 9, random));
    const sema::Policy& policy = small.policy();
    const auto reaches = analyse::reach_of_rules(policy);
    const auto found = analyse::redundant_rules(policy, reaches);
    const std::size_t count = found.size();
    // Of each rule: with those before it gone that make none, and with those that never match there and not there.
    std::vector<bool> gone(count), never(count);
    for (std::size_t i = 0; i < count; ++i) never[i] = reaches[i].kind == analyse::Reach::Kind::Never;
    const auto both = [&](std::vector<bool> some) {
      for (std::size_t i = 0; i < count; ++i) some[i] = some[i] || never[i];
      return some;
    };
    struct Asked {
      std::size_t rule;
      std::vector<bool> gone, gone_then;
    };
    std::vector<Asked> needs;
    for (std::size_t i = 0; i < count; ++i) {
      REQUIRE(found[i].kind != analyse::Redundancy::Kind::NotFinished);
      if (found[i].kind == analyse::Redundancy::Kind::Needed)
        for (const auto& before : {gone, both(gone)}) {
          std::vector<bool> then = before;
          then[i] = true;
          needs.push_back({i, before, then});
        }
      gone[i] = found[i].kind == analyse::Redundancy::Kind::Redundant;
    }
    std::vector<bool> is_shown(count);
    for (const net::Family family : net::kFamilies) {
      const analyse::PolicyBoxes boxes_of(policy, family);
      const List list = list_of(policy, boxes_of), left = without(list, gone), least = without(list, both(gone));
      const Box world = read(boxes_of.everything());
      const std::vector<Box> cannot_be = impossible(world);
      std::vector<std::pair<List, List>> lists;
      for (const Asked& asked : needs) lists.emplace_back(without(list, asked.gone), without(list, asked.gone_then));
      for_each_packet(world, {&list}, [&](const Point& point) {
        if (std::ranges::any_of(cannot_be, [&](const Box& box) { return holds(box, point); })) return;
        if (differ(policy, list, left, point) || differ(policy, list, least, point))
          FAIL_CHECK("round " << round << ", a packet of rule " << taker(list, point));
        for (std::size_t n = 0; n < needs.size(); ++n)
          if (!is_shown[needs[n].rule] && differ(policy, lists[n].first, lists[n].second, point))
            is_shown[needs[n].rule] = true;
      });
    }
    for (const Asked& asked : needs) {
      INFO("round " << round << ", rule " << asked.rule);
      // A reset is another answer also where it cannot be one.
      CHECK((is_shown[asked.rule] || *policy.rules[asked.rule].source->action == model::Action::Reject));
      needed += is_shown[asked.rule];
    }
    const auto told = static_cast<unsigned>(std::ranges::count(gone, true));
    redundant += told;
    one_more += told > 1;
  }
  CHECK(redundant > 15);
  CHECK(one_more > 2);
  CHECK(needed > 100);
}
