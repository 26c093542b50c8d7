// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/plan.h"

#include <algorithm>
#include <cerrno>
#include <future>
#include <utility>

#include "apply/apply.h"
#include "apply/engine_support.h"
#include "apply/set_support.h"
#include "base/assert.h"
#include "compile/compile.h"
#include "control/shape.h"

namespace vuurmuur::control {
namespace {

base::Result<std::vector<ir::NfqueueTarget>> live_queues(apply::Kernel& kernel, const sema::Policy& policy) {
  const auto layout = ir::MarkLayout::create(policy.settings->connmark_mask.value);
  VM_ASSERT(layout.has_value());  // sema has looked at the mask
  return apply::live_queues(kernel, *layout);
}

compile::Options options_for(apply::SetSupport& sets, apply::Backend backend,
                             const std::vector<ir::NfqueueTarget>& queues) {
  compile::Options options;
  options.shape = shape_for(backend);
  options.live_queues = queues;
  options.timed_blocks = true;
  options.can_hold = [&sets](const ir::Set& set) { return sets.can_hold(set); };
  return options;
}

ir::Ruleset compile_for(apply::Kernel& kernel, apply::Backend backend, const sema::Policy& policy,
                        const std::vector<ir::NfqueueTarget>& queues) {
  apply::SetSupport sets(kernel, backend);
  return compile::compile(policy, options_for(sets, backend, queues)).ruleset;
}

struct KernelState {
  std::vector<ir::NfqueueTarget> live_queues;
  apply::Circumstances around;
};

base::Result<KernelState> ask_kernel(apply::Kernel& kernel, const sema::Policy& policy, const apply::BackendWish& wish,
                                     const std::optional<apply::Backend>& loaded) {
  KernelState state{.live_queues = VM_TRY(live_queues(kernel, policy)), .around = {}};
  state.around = VM_TRY(apply::look_around_for(kernel, wish, loaded));
  return state;
}

/// Whether connections live in a queue that no rule of the policy names.
bool has_other_queue(const sema::Policy& policy, const std::vector<ir::NfqueueTarget>& live) {
  return std::ranges::any_of(live, [&](const ir::NfqueueTarget& queue) {
    return std::ranges::find(policy.queues, queue.first, [](const sema::QueueUse& use) { return use.range.first; }) ==
           policy.queues.end();
  });
}

}  // namespace

base::Result<Plan> make_plan(apply::Kernel& kernel, const sema::Policy& policy, const Wishes& wishes) {
  const auto wish = backend_wish(wishes.backend.value_or(policy.settings->backend));
  const auto loaded = VM_TRY(apply::loaded_engine(kernel));
  const apply::Backend likely = wish.value_or(loaded.value_or(apply::Backend::Xtables));
  // Looking through live connections and trying the engines is mostly waiting for the kernel, and seldom changes what
  // is compiled; the compiler asks it for nothing but types of sets.
  auto asking = std::async(std::launch::async, [&] { return ask_kernel(kernel, policy, wish, loaded); });
  Plan plan{.ruleset = compile_for(kernel, likely, policy, {}), .choice = {}, .live_queues = {}};
  KernelState state = VM_TRY(asking.get());
  plan.live_queues = std::move(state.live_queues);
  plan.choice = VM_TRY(apply::choose_backend(wish, state.around, apply::needs_of(plan.ruleset), wishes.force));
  // nf_tables holds lists that ip_set may have no type for.
  if (plan.choice.backend != likely || has_other_queue(policy, plan.live_queues))
    plan.ruleset = compile_for(kernel, plan.choice.backend, policy, plan.live_queues);
  return plan;
}

base::Result<const ir::Ruleset*> plan_again(apply::Kernel& kernel, const sema::Policy& policy, apply::Backend backend,
                                            PlanMemo& memo) {
  // When no rule queued at the last time, and no connection was queued, none is now.
  const bool may_queue = memo.backend != backend || !policy.queues.empty() || !memo.live_queues.empty();
  if (may_queue) memo.live_queues = VM_TRY(live_queues(kernel, policy));
  if (std::exchange(memo.backend, backend) != backend) memo.compiled = {};
  apply::SetSupport sets(kernel, backend);
  compile::Options options = options_for(sets, backend, memo.live_queues);
  options.left_out_queues = memo.left_out_queues;
  const ir::Ruleset& ruleset = memo.compiled.compile(policy, options);
  for (const net::Family family : memo.compiled.work().families)
    if (std::ranges::find(memo.unloaded, family) == memo.unloaded.end()) memo.unloaded.push_back(family);
  return &ruleset;
}

base::Result<DryPlan> make_dry_plan(apply::Kernel& kernel, const sema::Policy& policy, const Wishes& wishes) {
  auto plan = make_plan(kernel, policy, wishes);
  if (plan)
    return DryPlan{.ruleset = std::move(plan->ruleset),
                   .choice = std::move(plan->choice),
                   .warnings = {},
                   .live_queues = std::move(plan->live_queues)};
  if (!is_missing_privilege(plan.error())) return std::unexpected(std::move(plan.error()));
  return DryPlan{.ruleset = compile_for(kernel, apply::Backend::Xtables, policy, {}),
                 .choice = {},
                 .warnings = {plan.error().message + "; queues of live connections and the engine are not known"}};
}

apply::BackendWish backend_wish(model::Backend setting) {
  switch (setting) {
    case model::Backend::Auto: return std::nullopt;
    case model::Backend::Xtables: return apply::Backend::Xtables;
    case model::Backend::Nft: return apply::Backend::Nft;
  }
  return std::nullopt;
}

bool is_missing_privilege(const base::Error& error) { return error.code == EPERM || error.code == EACCES; }

}  // namespace vuurmuur::control
