// SPDX-License-Identifier: GPL-2.0-or-later
#include "certificate.h"

#include <algorithm>

namespace vuurmuur::judges {
namespace {

bool holds(const Box& outer, const Box& inner) {
  for (std::size_t d = 0; d < kDimensions; ++d)
    if (inner[d].first < outer[d].first || inner[d].last > outer[d].last) return false;
  return true;
}

/// How often the ends of a box cut a region.
int cuts(const Box& box, const Box& region) {
  int count = 0;
  for (std::size_t d = 0; d < kDimensions; ++d)
    count += int{box[d].first > region[d].first} + int{box[d].last < region[d].last};
  return count;
}

Point corner(const Box& box) {
  Point point;
  for (std::size_t d = 0; d < kDimensions; ++d) point[d] = box[d].first;
  return point;
}

/// What rules before a place take.
std::vector<Box> taken_before(const List& list, std::size_t rule) {
  std::vector<Box> boxes;
  for (const Entry& entry : list)
    if (entry.takes && entry.rule < rule) boxes.push_back(entry.box);
  return boxes;
}

/// All there is for the policy of the chain.
std::vector<Box> boxes_of(const List& list, std::size_t rule, const Box& world) {
  if (rule == kNobody) return {world};
  std::vector<Box> boxes;
  for (const Entry& entry : list)
    if (entry.rule == rule)
      if (const auto part = common(entry.box, world)) boxes.push_back(*part);
  return boxes;
}

std::string name(std::size_t rule) { return rule == kNobody ? "the chain's policy" : "rule " + std::to_string(rule); }

std::string text(const Point& point) {
  std::string text;
  for (const Number number : point) {
    std::string digits;
    for (Number rest = number; digits.empty() || rest != 0; rest /= 10)
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    text += ' ' + digits;
  }
  return text;
}

bool are_apart(std::span<const Box> boxes) {
  for (std::size_t i = 0; i < boxes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (common(boxes[i], boxes[j])) return false;
  return true;
}

/// Packets one step outside a box, on each side.
std::vector<Point> neighbours(const Box& box, const Box& world) {
  std::vector<Point> points;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    if (box[d].first > world[d].first) {
      points.push_back(corner(box));
      points.back()[d] = box[d].first - 1;
    }
    if (box[d].last < world[d].last) {
      points.push_back(corner(box));
      points.back()[d] = box[d].last + 1;
    }
  }
  return points;
}

bool any_holds(std::span<const Box> boxes, const Point& point) {
  return std::ranges::any_of(boxes, [&](const Box& box) { return holds(box, point); });
}

}  // namespace

bool holds(const Box& box, const Point& point) {
  for (std::size_t d = 0; d < kDimensions; ++d)
    if (point[d] < box[d].first || point[d] > box[d].last) return false;
  return true;
}

std::optional<Box> common(const Box& a, const Box& b) {
  Box both;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    both[d] = {std::max(a[d].first, b[d].first), std::min(a[d].last, b[d].last)};
    if (both[d].first > both[d].last) return std::nullopt;
  }
  return both;
}

std::size_t taker(const List& list, const Point& point) {
  for (const Entry& entry : list)
    if (entry.takes && holds(entry.box, point)) return entry.rule;
  return kNobody;
}

std::vector<std::size_t> passed(const List& list, const Point& point) {
  std::vector<std::size_t> rules;
  for (const Entry& entry : list) {
    if (!holds(entry.box, point)) continue;
    if (entry.takes) break;
    if (rules.empty() || rules.back() != entry.rule) rules.push_back(entry.rule);
  }
  return rules;
}

std::optional<Point> outside(const Box& region, std::vector<Box> boxes) {
  std::erase_if(boxes, [&](const Box& box) { return !common(box, region); });
  if (boxes.empty()) return corner(region);
  // Where the box ends that has the fewest ends inside, the region is cut; one without any holds all of it.
  const Box& box = *std::ranges::min_element(boxes, {}, [&](const Box& each) { return cuts(each, region); });
  if (holds(box, region)) return std::nullopt;
  Box low = region, high = region;
  for (std::size_t d = 0; d < kDimensions; ++d) {
    if (box[d].first > region[d].first)
      low[d].last = box[d].first - 1;
    else if (box[d].last < region[d].last)
      low[d].last = box[d].last;
    else
      continue;
    high[d].first = low[d].last + 1;
    break;
  }
  if (auto found = outside(low, boxes)) return found;
  return outside(high, std::move(boxes));
}

std::string fault_of_never(const List& list, std::size_t rule, std::span<const std::size_t> by) {
  std::vector<Box> theirs;
  for (const std::size_t other : by) {
    if (other >= rule) return name(other) + " is not before " + name(rule);
    for (const Entry& entry : list)
      if (entry.rule == other && entry.takes) theirs.push_back(entry.box);
  }
  for (const Entry& entry : list)
    if (entry.rule == rule)
      if (const auto left = outside(entry.box, theirs)) return name(rule) + " is left" + text(*left);
  return {};
}

std::string fault_of_witness(const List& list, std::size_t rule, const Point& witness) {
  bool is_its = rule == kNobody;
  for (const Entry& entry : list) {
    if (!holds(entry.box, witness)) continue;
    if (entry.takes && entry.rule < rule) return name(entry.rule) + " takes the witness before " + name(rule);
    is_its = is_its || entry.rule == rule;
  }
  return is_its ? std::string() : "the witness is none of " + name(rule);
}

std::string fault_of_region(const List& list, std::size_t rule, const Box& region) {
  if (const auto left = outside(region, boxes_of(list, rule, region))) return name(rule) + " has not" + text(*left);
  for (const Entry& entry : list)
    if (const auto part = common(entry.box, region); part && entry.takes && entry.rule < rule)
      return name(entry.rule) + " takes" + text(corner(*part)) + " before " + name(rule);
  return {};
}

std::string fault_of_nothing(const List& list, std::size_t rule, const Box& region, std::span<const Box> besides) {
  std::vector<Box> gone = taken_before(list, rule);
  gone.insert(gone.end(), besides.begin(), besides.end());
  for (const Box& box : boxes_of(list, rule, region))
    if (const auto left = outside(box, gone)) return name(rule) + " gets" + text(*left);
  return {};
}

std::string fault_of_row(const Comparison& lists, const Row& row) {
  const std::string rules = name(row.before) + " to " + name(row.after) + ": ";
  const auto is_one = [&](const Point& point) {
    return taker(lists.before, point) == row.before && taker(lists.after, point) == row.after &&
           lists.differ(row.before, row.after);
  };
  if (row.example && holds(lists.world, *row.example)) {
    if (!any_holds(row.boxes, *row.example) && !row.is_outline) return rules + "the example is in no box";
    if (any_holds(lists.impossible, *row.example)) return rules + "the example cannot be";
    if (!is_one(*row.example)) return rules + "the example is not treated so";
  }
  if (row.is_outline) return {};
  if (!are_apart(row.boxes)) return rules + "boxes have packets in common";
  for (const Box& box : row.boxes) {
    const auto part = common(box, lists.world);
    if (!part) continue;
    if (!lists.differ(row.before, row.after) && outside(*part, lists.impossible)) return rules + "they do the same";
    if (const std::string fault = fault_of_region(lists.before, row.before, *part); !fault.empty())
      return rules + "before, " + fault;
    if (const std::string fault = fault_of_region(lists.after, row.after, *part); !fault.empty())
      return rules + "after, " + fault;
    for (const Point& point : neighbours(*part, lists.world))
      if (!any_holds(row.boxes, point) && !any_holds(lists.impossible, point) && is_one(point))
        return rules + "left out" + text(point);
  }
  return {};
}

std::string fault_of_rest(const Comparison& lists, std::span<const Row> rows) {
  const auto rules_of = [](const List& list) {
    std::vector<std::size_t> rules{kNobody};
    for (const Entry& entry : list)
      if (entry.takes) rules.push_back(entry.rule);
    std::ranges::sort(rules);
    rules.erase(std::ranges::unique(rules).begin(), rules.end());
    return rules;
  };
  const std::vector<std::size_t> rules_before = rules_of(lists.before), rules_after = rules_of(lists.after);
  for (const std::size_t before : rules_before)
    for (const std::size_t after : rules_after) {
      if (!lists.differ(before, after)) continue;
      std::vector<Box> settled = lists.impossible;
      for (const std::vector<Box>& taken : {taken_before(lists.before, before), taken_before(lists.after, after)})
        settled.insert(settled.end(), taken.begin(), taken.end());
      for (const Row& row : rows)
        if (row.before == before && row.after == after)
          settled.insert(settled.end(), row.boxes.begin(), row.boxes.end());
      const std::vector<Box> theirs = boxes_of(lists.after, after, lists.world);
      for (const Box& box : boxes_of(lists.before, before, lists.world))
        for (const Box& other : theirs)
          if (const auto both = common(box, other))
            if (const auto left = outside(*both, settled))
              return name(before) + " to " + name(after) + ": no row has" + text(*left);
    }
  return {};
}

}  // namespace vuurmuur::judges
