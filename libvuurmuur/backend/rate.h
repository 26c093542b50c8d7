// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "ir/match.h"

namespace vuurmuur::backend {

/// The kernel counts rates in whole ticks between packets, so not every rate exists. What is kept here for a rate is
/// what iptables keeps after it has read back its own text, so text and kernel entry agree.

/// Ticks of 1/10,000 second between packets for a "limit" match (XT_LIMIT_SCALE in linux/netfilter/xt_limit.h), never
/// 0.
[[nodiscard]] std::uint32_t limit_period(const ir::LimitMatch& match);

/// "4/min": a period of limit_period() as iptables prints it.
[[nodiscard]] std::string limit_rate_text(std::uint32_t period);

/// Ticks of 1/1,000,000 second between packets for a "hashlimit" match of revision 2 and later (XT_HASHLIMIT_SCALE_v2
/// in linux/netfilter/xt_hashlimit.h), never 0.
[[nodiscard]] std::uint64_t hashlimit_period(std::uint32_t per_second);

/// Whole packets a second of a hashlimit_period(), as iptables prints it in front of "/sec".
[[nodiscard]] std::uint64_t hashlimit_per_second(std::uint64_t period);

/// The rate that a limit period stands for, the inverse of limit_period(); burst is the default. Slower than one
/// a day has a count of 0, for which iptables has no text either.
[[nodiscard]] ir::LimitMatch limit_of_period(std::uint32_t period);

}  // namespace vuurmuur::backend
