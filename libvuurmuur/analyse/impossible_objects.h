// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "model/policy.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Tells of objects whose packets cannot come or go as rules with them ask, as far as sema::resolve() has not told it:
///  - "host-elsewhere": an address of a host is in a longer prefix of a network behind other interfaces;
///  - "host-is-firewall": an address of a host is one of this machine's, which rules name "firewall";
///  - "interface-outside-network": an address of an interface is in no prefix of the networks behind it;
///  - "network-protected-from-itself": anti-spoofing drops what comes from a network, or from a host of it.
/// All are warnings, each told once at the object.
void check_impossible_objects(const model::Policy& model, const sema::Policy& policy, diag::Sink& sink);

}  // namespace vuurmuur::analyse
