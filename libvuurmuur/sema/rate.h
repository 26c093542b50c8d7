// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "model/rule.h"

namespace vuurmuur::sema {

/// The largest burst that iptables takes for the limit match.
inline constexpr std::uint32_t kMaxBurst = 10000;

/// The largest burst with which the kernel can count a rate: its credits of a whole burst have to fit in 32 bits, which
/// they do up to a day's worth (limit_mt_check in net/netfilter/xt_limit.c). At least 1; the rate must not be 0.
[[nodiscard]] std::uint32_t max_burst(const model::RateLimit& rate);

}  // namespace vuurmuur::sema
