// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "analyse/policy_boxes.h"
#include "ir/marks.h"
#include "prove/hook.h"
#include "prove/region.h"

namespace vuurmuur::prove {

/// All packets of a family, as programs say it.
[[nodiscard]] Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout);
/// Of these those that a chain gets: what comes in for this machine leaves by no device, and what it sends comes in by
/// none. Table nat is asked about new connections only (iptables(8)).
[[nodiscard]] Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout, Hook hook);

/// Of TCP, those of the packet that opens a connection, as Situation::flags has them: SYN without FIN, RST and ACK.
[[nodiscard]] std::uint64_t opening_flags();

}  // namespace vuurmuur::prove
