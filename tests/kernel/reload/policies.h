// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "support/policy_files.h"

namespace vuurmuur::kernel_test {

/// Ports of the services (TCP: kTalk and the three after it; the others UDP) that reload tests are about.
namespace ports {
inline constexpr std::uint16_t kFlow = 9000, kTalk = 9001, kFirst = 9100, kMiddle = 9101, kLast = 9102, kQueued = 9200,
                               kHeld = 9201, kForwarded = 9300, kGrouped = 9400, kForbidden = 9666;
}

/// A policy for the road, with many rules that no packet of the tests meets, and among them those that they are about:
///
///     drop    any          from bad.local.lan to any     10.1.0.15, fd00:1::15
///     accept  flow, talk   from local.lan to inet
///     accept  first        from local.lan to inet        in front of the many
///     accept  middle       …                             among them
///     accept  last         …                             behind them
///
/// What else is sent from near to far is forbidden.
struct PolicyPlan {
  unsigned rules = 1000;            ///< of the many
  unsigned variant = 0;             ///< another one changes every tenth of them
  std::vector<std::string> before;  ///< rules in front of all
  Files over;                       ///< further files, which replace those of the same path
};

[[nodiscard]] Files files_of(const PolicyPlan& plan);

/// For the compiler: each of the many stays a rule of the kernel. Without it sets hold most of them, and a policy of
/// 10,000 rules is some hundred kernel rules.
[[nodiscard]] compile::Options rules_apart();

}  // namespace vuurmuur::kernel_test
