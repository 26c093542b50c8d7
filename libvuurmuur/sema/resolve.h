// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "diag/source.h"
#include "model/policy.h"
#include "sema/objects.h"
#include "sema/policy.h"
#include "sema/rules.h"

namespace vuurmuur::sema {

/// Resolves every name and checks every rule, reporting all problems of the whole policy into the sink. When the sink
/// has no errors afterwards the result is complete; otherwise rules with errors are missing from it.
[[nodiscard]] Policy resolve(const model::Policy& policy, const diag::SourceMap& sources, diag::Sink& sink);

/// The same; `objects` is what readdress() wants to know.
[[nodiscard]] Policy resolve(const model::Policy& policy, const diag::SourceMap& sources, diag::Sink& sink,
                             Objects& objects);

/// Puts the addresses that a model has by now into a policy that resolve() made without errors of the same model, as it
/// was when `changed` had others: the policy is as if resolve() made it now, but only rules that name something which
/// changed are looked at closely. Reports the errors that other addresses can bring about, and no warnings.
void readdress(const model::Policy& model, const Objects& objects, const Readdressed& changed, Policy& policy,
               diag::Sink& sink);

}  // namespace vuurmuur::sema
