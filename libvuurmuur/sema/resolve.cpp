// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/resolve.h"

#include "sema/names.h"
#include "sema/objects.h"
#include "sema/rule_size.h"
#include "sema/rules.h"

namespace vuurmuur::sema {

Policy resolve(const model::Policy& model, const diag::SourceMap& sources, diag::Sink& sink) {
  Policy policy;
  policy.settings = &model.settings;
  const Names names = index_names(model, sink);
  const ActiveObjects active = resolve_objects(model, names, policy, sink);
  policy.blocked = resolve_blocklist(model, names, active, sink);
  check_helpers(model, sink);
  resolve_rules(model, names, active, sources, policy, sink);
  resolve_shared_numbers(policy, sink);
  check_rule_sizes(policy, sink);
  if (policy.rules.empty() && !sink.has_errors())
    sink.warning("no-rules", sources.size() == 0 ? std::nullopt : std::optional(model.rules_file),
                 "no rule is active: loading this would lock everyone out");
  return policy;
}

}  // namespace vuurmuur::sema
