// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "apply/connection_judge.h"
#include "apply/kernel.h"
#include "apply/tracked_connection.h"
#include "control/in_force.h"
#include "control/plan.h"

namespace vuurmuur::control {

/// A rule as text; empty: none can be told.
struct RuleText {
  std::string_view rule;   ///< "rule 3: accept http from lan to dmz"
  std::string_view place;  ///< "rules/rules.conf:3"
};

/// Tells by which rule of the policy in force live connections are admitted now: the one that takes a first packet like
/// theirs. What cannot be known any more (apply::ConnectionJudge), and what a helper announced, has none.
class ConnectionRules {
 public:
  /// Compiles the policy, which takes the time that an apply takes for it.
  [[nodiscard]] static base::Result<std::unique_ptr<ConnectionRules>> create(apply::Kernel& kernel,
                                                                             const InForce& in_force);
  /// The same of a policy that is in force in an engine ("nft"), and is not needed afterwards.
  [[nodiscard]] static base::Result<std::unique_ptr<ConnectionRules>> create(apply::Kernel& kernel,
                                                                             const sema::Policy& policy,
                                                                             std::string_view engine);

  /// One for each, valid while this lives. Asks the kernel for the routes that it has not asked for yet.
  [[nodiscard]] base::Result<std::vector<RuleText>> of(std::span<const apply::TrackedConnection> connections);

  /// Devices, addresses and routes may be others by now: they are asked for again.
  [[nodiscard]] base::Result<void> look_around();

 private:
  ConnectionRules(apply::Kernel& kernel, Plan plan, apply::ForeignAcceptance foreign);

  apply::Kernel& kernel_;
  Plan plan_;
  apply::ForeignAcceptance foreign_;
  apply::RoutingFacts facts_;
  apply::Routes routes_;
  apply::ConnectionJudge judge_;
  std::optional<apply::FirstPackets> packets_;
};

}  // namespace vuurmuur::control
