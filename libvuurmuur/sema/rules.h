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

/// Reports services whose helper the kernel is not known to have.
void check_helpers(const model::Policy& model, diag::Sink& sink);

/// Collects what rules share by number (queues, log groups, packet marks) and reports rules that disagree about it.
void resolve_shared_numbers(Policy& policy, diag::Sink& sink);

}  // namespace vuurmuur::sema
