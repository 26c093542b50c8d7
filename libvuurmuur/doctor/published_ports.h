// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "apply/kernel.h"
#include "base/result.h"
#include "doctor/finding.h"
#include "model/policy.h"
#include "saved/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::doctor {

/// The name of a service that is one port of a protocol, or "any".
using ServiceNames = std::function<std::string(std::uint8_t protocol, std::uint16_t port)>;
[[nodiscard]] ServiceNames services_of(const model::Policy& policy);

/// Ports that rules of others translate to another machine (containers of Docker or Podman, guests of libvirt), and
/// what becomes of the first packet of a connection to them from each network of the policy, by all rules as they
/// stand: what is accepted without a rule of ours having decided goes around the policy, with the lines that close it;
/// what a rule of ours refuses is advice, with the rule that would admit it.
///
/// A packet's way out is taken to be the bridge that the rules name for the address it is translated to; where they
/// name none, every way is tried.
[[nodiscard]] std::vector<Finding> published_port_findings(const saved::Ruleset& ruleset, const sema::Policy& policy,
                                                           const ServiceNames& services);

/// What is in xtables now, a text as iptables-save and ip6tables-save write it for each family that has anything, with
/// a name for places.
[[nodiscard]] base::Result<std::vector<std::pair<std::string, std::string>>> live_rules(apply::Kernel& kernel);

}  // namespace vuurmuur::doctor
