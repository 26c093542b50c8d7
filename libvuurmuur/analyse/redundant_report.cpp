// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/redundant_report.h"

#include <fmt/format.h>

#include "analyse/redundant.h"
#include "analyse/rule_names.h"

namespace vuurmuur::analyse {
namespace {

/// "rule 9 behind it does", "rules 9 and 12 behind it and the policy of the chain do".
std::string doers(const sema::Policy& policy, const Redundancy& redundancy) {
  if (redundancy.by.empty()) return "the policy of the chain does";
  const std::string others = numbers_of(policy, redundancy.by) + " behind it";
  if (redundancy.by_policy) return others + " and the policy of the chain do";
  return others + (redundancy.by.size() == 1 ? " does" : " do");
}

}  // namespace

void tell_redundant(const sema::Policy& policy, std::span<const Reach> reaches, const TimeLimit& limit,
                    diag::Sink& sink) {
  const std::vector<Redundancy> redundancies = redundant_rules(policy, reaches, limit);
  for (std::size_t i = 0; i < redundancies.size(); ++i) {
    const Redundancy& redundancy = redundancies[i];
    const std::size_t own[] = {i};
    const std::string name = numbers_of(policy, own);
    const diag::Span& span = policy.rules[i].source->span;
    switch (redundancy.kind) {
      case Redundancy::Kind::Needed:
      case Redundancy::Kind::NotAsked: break;
      case Redundancy::Kind::NotFinished:
        if (limit.is_over()) break;
        sink.warning("not-finished", span,
                     fmt::format("whether {} makes a difference was not found out: too many rules overlap it", name));
        break;
      case Redundancy::Kind::Redundant:
        add_notes(policy, redundancy.by,
                  sink.warning("redundant-rule", span,
                               fmt::format("{} makes no difference: {} the same with all that it takes", name,
                                           doers(policy, redundancy))));
        break;
    }
  }
}

}  // namespace vuurmuur::analyse
