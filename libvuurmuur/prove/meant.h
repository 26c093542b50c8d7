// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <span>

#include "analyse/filter_boxes.h"
#include "prove/behaviour.h"
#include "prove/hook.h"
#include "prove/program.h"

namespace vuurmuur::prove {

/// What a policy does with packets in table filter, by hook: steps 3 to 13 of doc/semantics.md section 1, read from
/// there and nothing else. Left out: the user's own chains of step 2, which are the same for both sides; addresses that
/// are blocked for a time; log records of steps that are not rules. `kept_queues`: ways of queueing that live
/// connections keep although no rule has them any more; those of the policy go before.
[[nodiscard]] std::array<Program, 3> meant_by(const analyse::FilterBoxes& boxes,
                                              std::span<const sema::QueueUse> kept_queues, Terms& terms);

}  // namespace vuurmuur::prove
