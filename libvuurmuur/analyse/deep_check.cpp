// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/deep_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyse/never_matching.h"

namespace vuurmuur::analyse {
namespace {

/// Rules that are shown when many together take it all; the numbers of all stand in the message.
constexpr std::size_t kMostNotes = 5, kMostNumbers = 12;

std::string name_of(const sema::Rule& rule) { return fmt::format("rule {}", rule.source->number); }

/// "rule 3", "rules 3 and 5", "rules 1, 2, 3 and 40 more".
std::string names_of(const sema::Policy& policy, const std::vector<std::size_t>& rules) {
  if (rules.size() == 1) return name_of(policy.rules[rules.front()]);
  std::string text = "rules ";
  const std::size_t told = std::min(rules.size(), kMostNumbers);
  for (std::size_t i = 0; i < told; ++i) {
    if (i != 0) text += i + 1 == rules.size() ? " and " : ", ";
    text += fmt::format("{}", policy.rules[rules[i]].source->number);
  }
  if (told < rules.size()) text += fmt::format(" and {} more", rules.size() - told);
  return text;
}

}  // namespace

void check_deep(const sema::Policy& policy, diag::Sink& sink) {
  const std::vector<Reach> reaches = reach_of_rules(policy);
  for (std::size_t i = 0; i < reaches.size(); ++i) {
    const sema::Rule& rule = policy.rules[i];
    const Reach& reach = reaches[i];
    if (reach.kind == Reach::Kind::NotFinished)
      sink.warning("not-finished", rule.source->span,
                   fmt::format("whether {} can match was not found out: too many rules overlap it", name_of(rule)));
    if (reach.kind != Reach::Kind::Never) continue;
    const bool is_same = std::ranges::all_of(
        reach.by, [&](std::size_t other) { return do_the_same(policy.rules[other], rule); });
    const bool is_one = reach.by.size() == 1;
    diag::Diagnostic& told =
        is_same ? sink.warning("redundant-rule", rule.source->span,
                               fmt::format("{} makes no difference: {} {} all that it would take, and {} the same with it",
                                           name_of(rule), names_of(policy, reach.by), is_one ? "takes" : "take",
                                           is_one ? "does" : "do"))
                : sink.warning("never-matches", rule.source->span,
                               fmt::format("{} can never match: {} {} all that it would take", name_of(rule),
                                           names_of(policy, reach.by), is_one ? "takes" : "take"));
    for (std::size_t n = 0; n < std::min(reach.by.size(), kMostNotes); ++n)
      told.notes.push_back({policy.rules[reach.by[n]].source->span, name_of(policy.rules[reach.by[n]])});
  }
}

}  // namespace vuurmuur::analyse
