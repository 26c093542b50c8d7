// SPDX-License-Identifier: GPL-2.0-or-later
// Which rule of the policy a log record is of stands at the end of its prefix. Rules of NFLOG groups that the user gave
// to programs of his own have no prefix and get none.
#include <map>
#include <string_view>

#include "base/assert.h"
#include "compile/log_identity.h"
#include "compile/passes.h"
#include "ir/log_prefix.h"

namespace vuurmuur::compile {

void pass_log_identity(Context& context) {
  const std::vector<LogIdentity> identities = log_identities(context.policy);
  std::map<std::string_view, std::string_view> by_label;
  for (const LogIdentity& each : identities) by_label.emplace(each.label, each.identity);
  for (ir::Table& table : context.rules().tables)
    for (std::size_t i = 0; i < table.chains().size(); ++i)
      for (ir::Rule& rule : table.chain(static_cast<ir::ChainId>(i)).rules) {
        auto* log = std::get_if<ir::NflogTarget>(&rule.target);
        if (log == nullptr || !log->prefix.starts_with(ir::kLogLead)) continue;
        const auto found = by_label.find(context.ruleset.origin(rule.origin).label);
        VM_ASSERT(found != by_label.end());
        log->prefix = ir::with_identity(log->prefix, found->second);
      }
}

}  // namespace vuurmuur::compile
