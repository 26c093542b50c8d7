// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <string>
#include <vector>

#include "apply/rule_counters.h"
#include "control/counter_rates.h"
#include "control/device_counters.h"
#include "sema/policy.h"
#include "volumes/accumulator.h"

namespace vuurmuur::control {

/// Queues of the rules that send packets there, by the rules' labels: "5", or "5-8" of those that are balanced over.
using RuleQueues = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] RuleQueues rule_queues(const sema::Policy& policy);

/// What a rule is called whatever its number: "accept http from lan to inet". Of rules that say the same, the second is
/// "… #2". What the firewall does by itself has its origin ("protection: invalid packets").
class RuleNames {
 public:
  [[nodiscard]] std::string name_of(const std::string& origin);

 private:
  std::map<std::string, unsigned, std::less<>> seen_;
};

/// Counters of rules, which come in the order of their numbers, as readings: each counts for its zones and its queue as
/// well.
[[nodiscard]] std::vector<volumes::Reading> readings_of(const std::vector<apply::RuleCounters>& rules,
                                                        const RuleQueues& queues);
[[nodiscard]] std::vector<volumes::Reading> readings_of(const std::vector<DeviceCounters>& devices);
/// Both.
[[nodiscard]] std::vector<volumes::Reading> readings_of(const CounterReading& reading, const RuleQueues& queues = {});

}  // namespace vuurmuur::control
