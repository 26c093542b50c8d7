// SPDX-License-Identifier: GPL-2.0-or-later
#include "list_answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyse/cover.h"
#include "analyse/diff.h"
#include "analyse/never_matching.h"
#include "analyse/policy_boxes.h"
#include "analyse/redundant.h"
#include "read_boxes.h"
#include "support/catch.h"

namespace vuurmuur::judges {
namespace {

using Kind = analyse::Reach::Kind;

List list_of(const sema::Policy& policy, const analyse::PolicyBoxes& boxes_of) {
  List list;
  for (std::size_t i = 0; i < policy.rules.size(); ++i)
    for (const analyse::Box& box : boxes_of.of(policy.rules[i]).boxes)
      list.push_back({.rule = i, .takes = true, .box = read(box)});
  return list;
}

int treatment(const sema::Policy& policy, std::size_t rule) {
  constexpr int kDrop = 0, kAccept = 1, kReject = 2, kQueues = 3;
  if (rule == kNobody) return kDrop;
  const model::Rule& source = *policy.rules[rule].source;
  switch (*source.action) {
    case model::Action::Accept: return kAccept;
    case model::Action::Reject: return kReject;
    case model::Action::Nfqueue: return kQueues + (**source.options.queue).first;
    default: return kDrop;
  }
}

}  // namespace

Lines any_lines(std::size_t most, std::mt19937& random) {
  const std::size_t count = 3 + random() % (most - 2);
  return random() % 2 == 0 ? tuple_lines(count, random) : zone_lines(count, random);
}

void judge_reach(const ListPolicy& list_policy, const IsLeft& judge, Counts& counts) {
  const sema::Policy& policy = list_policy.policy();
  const std::vector<analyse::Reach> reaches = analyse::reach_of_rules(policy);
  std::vector<bool> has_boxes(reaches.size()), is_left(reaches.size());
  for (const net::Family family : net::kFamilies) {
    const analyse::PolicyBoxes boxes_of(policy, family);
    const List list = list_of(policy, boxes_of);
    counts.boxes += static_cast<unsigned>(list.size());
    const std::vector<bool> judged = judge(list, read(boxes_of.everything()));
    for (std::size_t b = 0; b < list.size(); ++b) {
      has_boxes[list[b].rule] = true;
      if (judged[b]) is_left[list[b].rule] = true;
    }
    for (std::size_t i = 0; i < reaches.size(); ++i) {
      if (reaches[i].kind == Kind::Never) CHECK(fault_of_never(list, i, reaches[i].by) == "");
      if (reaches[i].kind == Kind::Reached && reaches[i].witness->family == family)
        CHECK(fault_of_witness(list, i, read(reaches[i].witness->point)) == "");
    }
  }
  ++counts.lists;
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    INFO("rule " << i);
    counts.never += reaches[i].kind == Kind::Never;
    counts.by_many += reaches[i].kind == Kind::Never && reaches[i].by.size() > 1;
    counts.reached += reaches[i].kind == Kind::Reached;
    if (reaches[i].kind == Kind::NotFinished)
      ++counts.unfinished;
    else
      CHECK(reaches[i].kind == (is_left[i] ? Kind::Reached : has_boxes[i] ? Kind::Never : Kind::Nothing));
  }
}

void judge_cover(std::span<const analyse::Box> boxes, const IsLeft& judge, Counts& counts) {
  const analyse::Ranks ranks(boxes);
  std::vector<analyse::RankBox> ranked;
  List list;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    ranked.push_back(ranks.of(boxes[i]));
    list.push_back({.rule = i, .takes = true, .box = read(boxes[i])});
  }
  const std::vector<bool> judged = judge(list, read(range_world()));
  const analyse::BoxIndex index(ranked);
  analyse::CoverSearch search(ranked, index);
  for (std::uint32_t i = 0; i < ranked.size(); ++i) {
    const analyse::Cover cover = search.of(ranked[i], {.before = i});
    INFO("box " << i);
    switch (cover.kind) {
      case analyse::Cover::Kind::NotFinished: ++counts.unfinished; break;
      case analyse::Cover::Kind::Open:
        ++counts.reached;
        CHECK(judged[i]);
        CHECK(fault_of_witness(list, i, read(ranks.point(cover.witness))) == "");
        break;
      case analyse::Cover::Kind::Whole:
        ++counts.never;
        counts.by_many += cover.by.size() > 1;
        CHECK_FALSE(judged[i]);
        CHECK(fault_of_never(list, i, std::vector<std::size_t>(cover.by.begin(), cover.by.end())) == "");
        break;
    }
  }
  ++counts.lists;
  counts.boxes += static_cast<unsigned>(boxes.size());
}

void judge_diff(const ListPolicy& list_before, const ListPolicy& list_after,
                const std::function<void(const FamilyDifference&)>& judge, Counts& counts) {
  const sema::Policy &before = list_before.policy(), &after = list_after.policy();
  const analyse::PolicyDiff diff = analyse::diff(before, after);
  CHECK(diff.not_compared.empty());
  CHECK(diff.otherwise_set.empty());
  ++counts.pairs;
  if (diff.unfinished != 0) {
    ++counts.unfinished;
    return;
  }
  counts.equal += diff.is_equal();
  counts.rows += static_cast<unsigned>(diff.rows.size());
  for (const analyse::DiffRow& row : diff.rows) counts.outlines += row.is_outline;
  for (const net::Family family : net::kFamilies) {
    const analyse::PolicyBoxes boxes_before(before, family, after), boxes_after(after, family, before);
    const List old = list_of(before, boxes_before), now = list_of(after, boxes_after);
    const Box world = read(boxes_before.everything());
    FamilyDifference asked{
        .lists = {.before = old,
                  .after = now,
                  .world = world,
                  .impossible = impossible(world),
                  .differ = [&](std::size_t a, std::size_t b) { return treatment(before, a) != treatment(after, b); }},
        .before = [&](std::size_t rule) { return treatment(before, rule); },
        .after = [&](std::size_t rule) { return treatment(after, rule); },
        .rows = {}};
    for (const analyse::DiffRow& row : diff.rows) {
      Row its{.before = row.from.value_or(kNobody),
              .after = row.to.value_or(kNobody),
              .boxes = {},
              .is_outline = row.is_outline,
              .example = {}};
      for (const analyse::Traffic& traffic : row.traffic)
        if (traffic.family == family) its.boxes.push_back(read(traffic.box));
      if (row.witness.family == family) its.example = read(row.witness.point);
      CHECK(fault_of_row(asked.lists, its) == "");
      asked.rows.insert(asked.rows.end(), its.boxes.begin(), its.boxes.end());
      asked.is_outline = asked.is_outline || row.is_outline;
    }
    judge(asked);
  }
}

void judge_redundant(const ListPolicy& list_policy, const std::function<bool(const FamilyDifference&)>& differ,
                     Counts& counts) {
  const sema::Policy& policy = list_policy.policy();
  const auto reaches = analyse::reach_of_rules(policy);
  const auto found = analyse::redundant_rules(policy, reaches);
  const auto without = [](List list, const std::vector<bool>& gone) {
    std::erase_if(list, [&](const Entry& entry) { return gone[entry.rule]; });
    return list;
  };
  const auto what = [&](std::size_t rule) { return treatment(policy, rule); };
  const auto makes_difference = [&](const std::vector<bool>& gone, std::size_t rule) {
    std::vector<bool> then = gone;
    then[rule] = true;
    for (const net::Family family : net::kFamilies) {
      const analyse::PolicyBoxes boxes_of(policy, family);
      const List list = list_of(policy, boxes_of), before = without(list, gone), after = without(list, then);
      const Box world = read(boxes_of.everything());
      const FamilyDifference asked{
          .lists = {.before = before,
                    .after = after,
                    .world = world,
                    .impossible = impossible(world),
                    .differ = [&](std::size_t a, std::size_t b) { return what(a) != what(b); }},
          .before = what,
          .after = what,
          .rows = {}};
      if (differ(asked)) return true;
    }
    return false;
  };
  ++counts.lists;
  // Rules that never match do not do in place of others, but may do otherwise.
  std::vector<bool> gone(found.size()), gone_with_never(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) gone_with_never[i] = reaches[i].kind == Kind::Never;
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("rule " << i);
    if (found[i].kind == analyse::Redundancy::Kind::NotFinished) ++counts.unfinished;
    if (found[i].kind == analyse::Redundancy::Kind::Needed) {
      ++counts.needed;
      CHECK((makes_difference(gone, i) || makes_difference(gone_with_never, i)));
    }
    if (found[i].kind != analyse::Redundancy::Kind::Redundant) continue;
    ++counts.redundant;
    CHECK_FALSE(makes_difference(gone, i));
    CHECK_FALSE(makes_difference(gone_with_never, i));
    gone[i] = gone_with_never[i] = true;
  }
}

std::string to_string(const Counts& counts) {
  return fmt::format(
      "{} lists of {} boxes in all: {} reached, {} not ({} by several together); {} pairs, {} of them equal, {} rows "
      "({} outlines); {} not finished; {} make no difference, {} do",
      counts.lists, counts.boxes, counts.reached, counts.never, counts.by_many, counts.pairs, counts.equal, counts.rows,
      counts.outlines, counts.unfinished, counts.redundant, counts.needed);
}

}  // namespace vuurmuur::judges
