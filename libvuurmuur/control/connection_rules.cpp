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
  Plan plan =
      VM_TRY(make_plan(kernel, in_force.checked->policy, {.backend = engine_named(in_force.engine), .force = true}));
  auto foreign = VM_TRY(apply::ForeignAcceptance::of(kernel, plan.choice.backend));
  auto facts = VM_TRY(kernel.routing_facts());
  return std::unique_ptr<ConnectionRules>(
      new ConnectionRules(kernel, std::move(plan), std::move(foreign), std::move(facts)));
}

ConnectionRules::ConnectionRules(apply::Kernel& kernel, Plan plan, apply::ForeignAcceptance foreign,
                                 apply::RoutingFacts facts)
    : kernel_(kernel),
      plan_(std::move(plan)),
      foreign_(std::move(foreign)),
      facts_(std::move(facts)),
      judge_(plan_.ruleset, foreign_),
      packets_(facts_, routes_, [this](std::string_view device) { return judge_.number(device); }) {}

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
    const apply::Judgement judgement = judge_.judge(connection, packets_.of(connection));
    const bool is_admitted =
        judgement.verdict == apply::Judgement::Verdict::Keep || judgement.verdict == apply::Judgement::Verdict::Remark;
    if (!is_admitted || !judgement.origin) continue;
    const ir::Origin& origin = plan_.ruleset.origin(*judgement.origin);
    rules[i] = {.rule = origin.label, .place = origin.place};
  }
  return rules;
}

}  // namespace vuurmuur::control
