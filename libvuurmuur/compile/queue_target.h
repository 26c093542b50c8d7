// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "compile/context.h"
#include "ir/target.h"

namespace vuurmuur::compile {

/// What is left of queues without some of them (in their order): queues side by side, in their order. All of them when
/// none were left. When there are more pieces than connections can be shared out to, the longest alone.
[[nodiscard]] std::vector<ir::NfqueueTarget> pieces_without(const ir::NfqueueTarget& queues,
                                                            std::span<const std::uint16_t> left_out);

/// The target that sends to queues: NFQUEUE, or, when several pieces are left of them, a goto into a chain that shares
/// connections out to these; in IPv6 the longest of them. The chain is made on first use.
[[nodiscard]] ir::Target queue_target(Context& context, ir::Table& filter, const ir::NfqueueTarget& queues);

}  // namespace vuurmuur::compile
