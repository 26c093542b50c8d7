// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "diag/source.h"
#include "model/policy.h"
#include "sema/names.h"
#include "sema/objects.h"
#include "sema/policy.h"

namespace vuurmuur::sema {

/// Resolves the rules into policy.rules: names to objects, inactive ones left out.
void resolve_rules(const model::Policy& model, const Names& names, const ActiveObjects& active,
                   const diag::SourceMap& sources, Policy& policy, diag::Sink& sink);

/// Reports services whose helper the kernel is not known to have.
void check_helpers(const model::Policy& model, diag::Sink& sink);

/// Collects what rules share by number (queues, log groups, packet marks) and reports rules that disagree about it.
void resolve_shared_numbers(Policy& policy, diag::Sink& sink);

}  // namespace vuurmuur::sema
