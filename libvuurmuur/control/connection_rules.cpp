// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_rules.h"

#include <unordered_set>

#include "control/manager.h"

namespace vuurmuur::control {
namespace {

/// Routes that are kept: some ten megabytes.
constexpr std::size_t kMostRoutes = 100'000;

}  // namespace

base::Result<std::unique_ptr<ConnectionRules>> ConnectionRules::create(apply::Kernel& kernel, const InForce& in_force) {
  if (!in_force.checked) return base::failure("no generation is in force, so no rule admits anything");
  return create(kernel, in_force.checked->policy, in_force.engine);
}

base::Result<std::unique_ptr<ConnectionRules>> ConnectionRules::create(apply::Kernel& kernel,
                                                                       const sema::Policy& policy,
                                                                       std::string_view engine) {
  Plan plan = VM_TRY(make_plan(kernel, policy, {.backend = engine_named(engine), .force = true}));
  auto foreign = VM_TRY(apply::ForeignAcceptance::of(kernel, plan.choice.backend));
  std::unique_ptr<ConnectionRules> rules(new ConnectionRules(kernel, std::move(plan), std::move(foreign)));
  VM_TRY_VOID(rules->look_around());
  return rules;
}

ConnectionRules::ConnectionRules(apply::Kernel& kernel, Plan plan, apply::ForeignAcceptance foreign)
    : kernel_(kernel), plan_(std::move(plan)), foreign_(std::move(foreign)), judge_(plan_.ruleset, foreign_) {}

base::Result<void> ConnectionRules::look_around() {
  facts_ = VM_TRY(kernel_.routing_facts());
  routes_.clear();
  packets_.emplace(facts_, routes_, [this](std::string_view device) { return judge_.number(device); });
  return {};
}

base::Result<std::vector<RuleText>> ConnectionRules::of(std::span<const apply::TrackedConnection> connections) {
  if (routes_.size() > kMostRoutes) routes_.clear();
  std::unordered_set<net::Address, apply::HashAddress> seen;
  std::vector<net::Address> addresses;
  for (const apply::TrackedConnection& tracked : connections)
    for (const net::Address& address :
         {source_in_filter(tracked.connection), destination_in_filter(tracked.connection)})
      if (apply::is_routable(address) && !routes_.contains(address) && seen.insert(address).second)
        addresses.push_back(address);
  const std::vector<apply::Route> found = VM_TRY(kernel_.find_routes(addresses));
  for (std::size_t i = 0; i < addresses.size(); ++i) routes_.emplace(addresses[i], found[i]);

  std::vector<RuleText> rules(connections.size());
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const apply::LiveConnection& connection = connections[i].connection;
    if (connection.master) continue;
    const apply::Judgement judgement = judge_.judge(connection, packets_->of(connection));
    const bool is_admitted =
        judgement.verdict == apply::Judgement::Verdict::Keep || judgement.verdict == apply::Judgement::Verdict::Remark;
    if (!is_admitted || !judgement.origin) continue;
    const ir::Origin& origin = plan_.ruleset.origin(*judgement.origin);
    rules[i] = {.rule = origin.label, .place = origin.place};
  }
  return rules;
}

}  // namespace vuurmuur::control
