// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/rule_part.h"

#include <functional>
#include <string>

#include "analyse/never_matching.h"

namespace vuurmuur::analyse {

RulePart part_of(const sema::Rule& rule, const PolicyBoxes& boxes_of) {
  RulePart part;
  RuleBoxes found = boxes_of.of(rule);
  part.is_known = !found.has_more && !found.is_translation;
  part.takes = takes_all(rule);
  part.is_log = *rule.source->action == model::Action::Log;
  if (part.is_on_the_way()) part.around = boxes_of.around(rule);
  if (part.takes || part.is_log) part.boxes = std::move(found.boxes);
  return part;
}

bool are_same(const Parted& first, const Parted& second, const Meanings& meanings) {
  if (first.part.is_known != second.part.is_known) return false;
  if (!first.part.is_known) return meanings.are_same(first.rule, second.rule);
  const model::Options &a = first.rule.source->options, &b = second.rule.source->options;
  return first.part.boxes == second.part.boxes && first.part.around == second.part.around &&
         do_the_same(first.rule, second.rule) && a.limit == b.limit && a.burst == b.burst;
}

std::uint64_t hash_of(const Parted& rule, std::size_t which, const Meanings& meanings) {
  if (!rule.part.is_known) return meanings.hash(which, rule.rule);
  std::uint64_t hash = static_cast<std::uint64_t>(*rule.rule.source->action);
  for (const std::vector<Box>* boxes : {&rule.part.boxes, &rule.part.around})
    for (const Box& box : *boxes)
      for (const Interval& interval : box.fields) {
        hash = mixed(hash, interval.first.low ^ interval.first.high << 1);
        hash = mixed(hash, interval.last.low ^ interval.last.high << 1);
      }
  const model::Options& options = rule.rule.source->options;
  if (options.queue) hash = mixed(hash, options.queue->value.first);
  if (options.log_prefix) hash = mixed(hash, std::hash<std::string>{}(options.log_prefix->value));
  return mixed(hash, options.log ? 1 : 0);
}

}  // namespace vuurmuur::analyse
