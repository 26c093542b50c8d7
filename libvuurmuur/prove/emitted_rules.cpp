// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/emitted_rules.h"

#include <algorithm>
#include <utility>

namespace vuurmuur::prove {

EmittedRules::EmittedRules(const saved::Table& table, const EmittedWorld& world, diag::Sink& sink)
    : EmittedRules(world) {
  for (const saved::Chain& chain : table.chains)
    for (const saved::Rule& rule : chain.rules) add(rule, sink);
  std::ranges::sort(rules_, {}, &Kept::begin);
}

void EmittedRules::add(const saved::Rule& rule, diag::Sink& sink) {
  EmittedRule read = read_rule(rule, world_, sink);
  Kept kept{.begin = rule.span.begin,
            .first_region = static_cast<std::uint32_t>(regions_.size()),
            .regions = static_cast<std::uint32_t>(read.regions.size()),
            .rare = 0,
            .number = read.number,
            .is_left_out = read.is_left_out,
            .asks_packet_mark = read.asks_packet_mark};
  for (const Region& region : read.regions) regions_.push_back(pile_.numbers_of(region));
  if (!read.marks.empty() || !read.conditions.empty() || !read.not_modelled.empty()) {
    kept.rare = static_cast<std::uint32_t>(rare_.size());
    rare_.push_back({.marks = std::move(read.marks),
                     .conditions = std::move(read.conditions),
                     .not_modelled = std::move(read.not_modelled)});
  }
  rules_.push_back(kept);
}

const EmittedRules::Kept& EmittedRules::of(const saved::Rule& rule) const {
  return *std::ranges::lower_bound(rules_, rule.span.begin, {}, &Kept::begin);
}

}  // namespace vuurmuur::prove
