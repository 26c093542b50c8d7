// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <vector>

#include "diag/diagnostic.h"
#include "diag/source.h"
#include "model/policy.h"
#include "sema/names.h"
#include "sema/objects.h"
#include "sema/policy.h"

namespace vuurmuur::sema {

/// Which objects of a model have other addresses by now, by their place in its lists.
struct Readdressed {
  std::vector<std::size_t> networks, hosts;
  [[nodiscard]] bool is_empty() const { return networks.empty() && hosts.empty(); }
};

/// Resolves the rules into policy.rules: names to objects, inactive ones left out.
void resolve_rules(const model::Policy& model, const Names& names, const ActiveObjects& active,
                   const diag::SourceMap& sources, Policy& policy, diag::Sink& sink);

/// Gives those of policy.rules other addresses that name something which has others, or a part of which has.
void readdress_rules(const model::Policy& model, const Objects& objects, const Readdressed& changed, Policy& policy);

/// Whether a name stands for something: an object that is active, one that is not, or nothing, which was reported.
enum class Named { Active, Inactive, Missing };

/// What the end of a rule would be with this name in it.
[[nodiscard]] Named resolve_end(const model::Policy& model, const Objects& objects, const Policy& policy,
                                const model::Located<model::Endpoint>& written, End& end, diag::Sink& sink);
/// The service of a rule with this name in it: Rule::any_service or Rule::port_sets, and what else it says.
[[nodiscard]] Named resolve_service(const model::Policy& model, const Objects& objects, const Policy& policy,
                                    const model::Located<std::string>& name, Rule& rule, diag::Sink& sink);

/// Reports services whose helper the kernel is not known to have.
void check_helpers(const model::Policy& model, diag::Sink& sink);

/// Collects what rules share by number (queues, log groups, packet marks) and reports rules that disagree about it.
void resolve_shared_numbers(Policy& policy, diag::Sink& sink);

}  // namespace vuurmuur::sema
