// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/deep_check.h"

#include "sema/rule_size.h"

namespace vuurmuur::control {
namespace {

bool is_small(const sema::Policy& policy) {
  for (const net::Family family : net::kFamilies) {
    std::uint64_t left = kMostWaysBeforeApply;
    for (const sema::Rule& rule : policy.rules) {
      const std::uint64_t ways = sema::ways_to_meet(policy, rule, family);
      if (ways > left) return false;
      left -= ways;
    }
  }
  return true;
}

}  // namespace

void check_deep(const CheckedPolicy& checked, analyse::DeepOptions options, diag::Sink& sink) {
  if (checked.sink.has_errors()) return;
  if (checked.tree.assertions) options.assertions = checked.tree.sources.file(*checked.tree.assertions).text();
  const model::Policy& model = checked.in_surroundings ? *checked.in_surroundings : checked.tree.policy;
  analyse::check_deep(model, checked.policy, options, sink);
}

diag::Sink findings_before_apply(const CheckedPolicy& checked) {
  diag::Sink sink = checked.sink;
  if (is_small(checked.policy))
    check_deep(checked,
               {.overlaps = analyse::DeepOptions::Overlaps::Counted,
                .assertions = {},
                .limit = analyse::TimeLimit(kMostTimeBeforeApply)},
               sink);
  return sink;
}

}  // namespace vuurmuur::control
