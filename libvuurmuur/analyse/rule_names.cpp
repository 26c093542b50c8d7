// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/rule_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace vuurmuur::analyse {
namespace {

/// Rules that are shown; the numbers of more stand in the message.
constexpr std::size_t kMostNotes = 5, kMostNumbers = 12;

}  // namespace

std::string numbers_of(const sema::Policy& policy, std::span<const std::size_t> rules) {
  if (rules.size() == 1) return fmt::format("rule {}", policy.rules[rules.front()].source->number);
  std::string text = "rules ";
  const std::size_t told = std::min(rules.size(), kMostNumbers);
  for (std::size_t i = 0; i < told; ++i) {
    if (i != 0) text += i + 1 == rules.size() ? " and " : ", ";
    text += fmt::format("{}", policy.rules[rules[i]].source->number);
  }
  if (told < rules.size()) text += fmt::format(" and {} more", rules.size() - told);
  return text;
}

void add_notes(const sema::Policy& policy, std::span<const std::size_t> rules, diag::Diagnostic& finding) {
  for (std::size_t n = 0; n < std::min(rules.size(), kMostNotes); ++n)
    finding.notes.push_back({policy.rules[rules[n]].source->span, numbers_of(policy, rules.subspan(n, 1))});
}

}  // namespace vuurmuur::analyse
