// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/apply.h"

#include "apply/capacity.h"
#include "apply/transaction.h"

namespace vuurmuur::apply {

base::Result<Report> apply(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options) {
  if (options.backend == Backend::Nft) return base::failure("loading rules into nf_tables is not built in yet");
  VM_TRY_VOID(check_capacity(ruleset, kernel.available_memory()));
  const base::UniqueFd lock = VM_TRY(kernel.lock(options.lock_patience, options.progress));
  Transaction transaction(kernel, ruleset, options, Transaction::Purpose::Apply);
  VM_TRY_VOID(transaction.run());

  Report report{.warnings = transaction.warnings(), .rules = ruleset.rule_count()};
  Settings(kernel, options.state_directory).give_back(ruleset.sysctls, report.warnings);
  if (ruleset.blocked.empty()) return report;
  const auto ended = kernel.end_connections(ruleset.blocked);
  if (ended)
    report.ended_connections = *ended;
  else
    report.warnings.push_back("live connections of blocked addresses may go on: " + ended.error().message);
  return report;
}

base::Result<Report> clear(Kernel& kernel, const Options& options) {
  const base::UniqueFd lock = VM_TRY(kernel.lock(options.lock_patience, options.progress));
  const ir::Ruleset nothing;
  Transaction transaction(kernel, nothing, options, Transaction::Purpose::Clear);
  VM_TRY_VOID(transaction.run());

  Report report{.warnings = transaction.warnings()};
  Settings(kernel, options.state_directory).give_back({}, report.warnings);
  return report;
}

}  // namespace vuurmuur::apply
