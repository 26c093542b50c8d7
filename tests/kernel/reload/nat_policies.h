// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "campaign.h"
#include "policies.h"

namespace vuurmuur::kernel_test {

/// The usual policy with many rules; with translation of both kinds: what leaves the near network gets the firewall's
/// address, and what arrives at the firewall's port kForwarded goes to 10.1.0.12 (fd00:1::12).
[[nodiscard]] inline Files policy_with_nat(bool has_nat, unsigned variant = 0) {
  PolicyPlan plan{.rules = extent().rules, .variant = variant};
  if (has_nat)
    plan.before = {"portfw service forwarded from world.inet to server.local.lan",
                   "masq service any from local.lan to world.inet"};
  return files_of(plan);
}

/// The usual traffic, whose flows are translated if the policy says so when it begins, and a connection from outside
/// that is forwarded to the server: the policy must have translation when it begins.
[[nodiscard]] inline TrafficPlan translated_traffic() {
  TrafficPlan plan = usual_traffic();
  plan.streams.push_back({.name = "forwarded IPv4",
                          .first = udp("203.0.113.1", "203.0.113.2", 5010, ports::kForwarded),
                          .kind = Stream::Kind::Flow,
                          .from = Side::Far});
  return plan;
}

}  // namespace vuurmuur::kernel_test
