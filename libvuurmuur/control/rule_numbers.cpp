// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/rule_numbers.h"

#include <utility>

namespace vuurmuur::control {
namespace {

/// No place has a line break.
void write_key(std::string& key, std::string_view rule, std::string_view place) {
  key = place;
  key += '\n';
  key += rule;
}

}  // namespace

std::uint32_t RuleNumbers::number_of(const RuleText& rule) {
  if (rule.rule.empty()) return kNone;
  write_key(key_, rule.rule, rule.place);
  if (const auto found = numbers_.find(key_); found != numbers_.end()) return found->second;
  Rule kept{.rule = std::string(rule.rule), .place = std::string(rule.place)};
  std::uint32_t number = end();
  if (free_.empty()) {
    rules_.push_back(std::move(kept));
  } else {
    number = free_.back();
    free_.pop_back();
    rules_[number - kFirst] = std::move(kept);
  }
  numbers_.emplace(key_, number);
  return number;
}

RuleText RuleNumbers::text(std::uint32_t number) const {
  if (number < kFirst || number >= end()) return {};
  const Rule& rule = rules_[number - kFirst];
  return {.rule = rule.rule, .place = rule.place};
}

void RuleNumbers::keep(const std::vector<bool>& used) {
  for (std::uint32_t number = kFirst; number < end(); ++number) {
    Rule& rule = rules_[number - kFirst];
    if (rule.rule.empty() || (number < used.size() && used[number])) continue;
    write_key(key_, rule.rule, rule.place);
    numbers_.erase(key_);
    rule = {};
    free_.push_back(number);
  }
}

}  // namespace vuurmuur::control
