// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "apply/rule_counters.h"
#include "base/result.h"
#include "control/clock.h"
#include "control/device_counters.h"

namespace vuurmuur::control {

/// All counters at a moment.
struct CounterReading {
  std::int64_t time = 0;         ///< seconds since 1970
  std::int64_t nanoseconds = 0;  ///< on the clock that nobody can set
  std::vector<apply::RuleCounters> rules;
  std::vector<DeviceCounters> devices;
};
[[nodiscard]] base::Result<CounterReading> read_all_counters(apply::Kernel& kernel, const std::string& state_directory,
                                                             const Clock& clock);

/// What was counted since the beginning, and how fast lately.
struct Rate {
  apply::Counters total;
  double packets_per_second = 0, bytes_per_second = 0;
  bool operator==(const Rate&) const = default;
};

/// What a rule of the policy takes: the first packets of connections (apply::RuleCounters).
struct RuleRate {
  std::string rule;  ///< "rule 3: accept http from lan to inet"
  Rate rate;
  bool operator==(const RuleRate&) const = default;
};

/// A zone: what rules take that say "from" and "to" it, or a network, host or group in it; zones of the policy, and
/// "firewall" and "any", as rules say them. An interface: what its device has received and sent.
struct TwoWayRate {
  std::string name;
  Rate in, out;
  bool operator==(const TwoWayRate&) const = default;
};

struct CounterSample {
  std::int64_t time = 0;  ///< of the reading, seconds since 1970
  double seconds = 0;     ///< since the reading before; 0: there is none, and no rates
  std::vector<RuleRate> rules;
  std::vector<TwoWayRate> zones, interfaces;
  bool operator==(const CounterSample&) const = default;
};

/// So many rules a sample has at most.
inline constexpr std::size_t kMostSampledRules = 10'000;

/// Rates between two readings, each list with the fastest first, by packets. What is new since the reading before has
/// no rate yet; a counter that is smaller than before began anew.
[[nodiscard]] CounterSample sample_of(const CounterReading* before, const CounterReading& now);

/// {"time", "seconds", "interfaces": [{"interface", "in", "out"}], "zones": [{"zone", "from", "to"}], "rules":
/// [{"rule", …}]}, each rate as "packets", "bytes", "packets_per_second", "bytes_per_second".
[[nodiscard]] nlohmann::ordered_json json_of(const CounterSample& sample);
/// Back from what json_of() gave; nothing when it is something else.
[[nodiscard]] std::optional<CounterSample> sample_from(const nlohmann::ordered_json& document);

}  // namespace vuurmuur::control
