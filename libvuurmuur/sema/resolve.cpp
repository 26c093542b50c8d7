// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/resolve.h"

#include "sema/names.h"
#include "sema/objects.h"
#include "sema/rule_size.h"
#include "sema/rules.h"

namespace vuurmuur::sema {

Policy resolve(const model::Policy& model, const diag::SourceMap& sources, diag::Sink& sink) {
  Objects objects;
  return resolve(model, sources, sink, objects);
}

Policy resolve(const model::Policy& model, const diag::SourceMap& sources, diag::Sink& sink, Objects& objects) {
  Policy policy;
  policy.settings = &model.settings;
  objects.names = index_names(model, sink);
  objects.active = resolve_objects(model, objects.names, policy, sink);
  const auto& [names, active] = objects;
  policy.blocked = resolve_blocklist(model, names, active, sink);
  policy.baits = resolve_baits(model, names, active, sink);
  check_helpers(model, sink);
  resolve_rules(model, names, active, sources, policy, sink);
  resolve_shared_numbers(policy, sink);
  check_rule_sizes(policy, sink);
  if (policy.rules.empty() && !sink.has_errors())
    sink.warning("no-rules", sources.size() == 0 ? std::nullopt : std::optional(model.rules_file),
                 "no rule is active: loading this would lock everyone out");
  return policy;
}

void readdress(const model::Policy& model, const Objects& objects, const Readdressed& changed, Policy& policy,
               diag::Sink& sink) {
  if (changed.is_empty()) return;
  for (const std::size_t i : changed.networks)
    if (const auto id = objects.active.networks[i])
      policy.networks[static_cast<std::size_t>(*id)].prefixes = prefixes_of(model.networks[i]);
  readdress_rules(model, objects, changed, policy);
  diag::Sink told;
  policy.blocked = resolve_blocklist(model, objects.names, objects.active, told);
  policy.baits = resolve_baits(model, objects.names, objects.active, told);
  check_rule_sizes(policy, sink);
}

}  // namespace vuurmuur::sema
