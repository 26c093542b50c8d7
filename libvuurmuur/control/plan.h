// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "apply/choose_backend.h"
#include "apply/kernel.h"
#include "compile/memo.h"
#include "ir/ruleset.h"
#include "model/policy.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// What whoever applies a policy may wish.
struct Wishes {
  std::optional<model::Backend> backend;  ///< over that of the configuration
  bool force = false;                     ///< also beside rules of others in the other engine
};

/// A policy compiled for the kernel that is to hold it.
struct Plan {
  ir::Ruleset ruleset;
  apply::BackendChoice choice;
  std::vector<ir::NfqueueTarget> live_queues{};  ///< ways of queueing that connections use
};

/// Compiles a policy for a kernel as it is now: live connections keep the queues that they use, lists become sets where
/// it can hold them, and the engine is chosen by what it can do and holds. Changes nothing.
[[nodiscard]] base::Result<Plan> make_plan(apply::Kernel& kernel, const sema::Policy& policy, const Wishes& wishes);

/// What is kept of a plan for the next one of the same policy, which differs in the addresses of networks and hosts at
/// most (CheckedPolicy::resolve_in()).
struct PlanMemo {
  compile::Memo compiled;
  std::optional<apply::Backend> backend;         ///< for which it was compiled
  std::vector<ir::NfqueueTarget> live_queues{};  ///< that connections used then
  /// Queues that get no connections at the moment (compile::Options), for whoever plans to say.
  std::vector<std::uint16_t> left_out_queues{};
  /// The families whose rules are other ones since they were loaded last.
  std::vector<net::Family> unloaded{};
  std::vector<net::Family> loaded{};  ///< by the last load
};

/// Compiles a policy again that is in force in an engine, which stays; as far as `memo` does not have it. The ruleset
/// is the memo's. What is unloaded is for the caller to load.
[[nodiscard]] base::Result<const ir::Ruleset*> plan_again(apply::Kernel& kernel, const sema::Policy& policy,
                                                          apply::Backend backend, PlanMemo& memo);

/// What can be told to somebody who may not look into the kernel.
struct DryPlan {
  ir::Ruleset ruleset;
  std::optional<apply::BackendChoice> choice;    ///< nothing when it is not known
  std::vector<std::string> warnings;             ///< what could not be looked at
  std::vector<ir::NfqueueTarget> live_queues{};  ///< ways of queueing that connections use, as far as they are known
};
[[nodiscard]] base::Result<DryPlan> make_dry_plan(apply::Kernel& kernel, const sema::Policy& policy,
                                                  const Wishes& wishes);

[[nodiscard]] apply::BackendWish backend_wish(model::Backend setting);

/// Whether something was refused for want of a privilege.
[[nodiscard]] bool is_missing_privilege(const base::Error& error);

}  // namespace vuurmuur::control
