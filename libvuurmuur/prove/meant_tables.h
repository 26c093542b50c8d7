// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>

#include "analyse/filter_boxes.h"
#include "prove/hook.h"
#include "prove/packet_marks.h"
#include "prove/program.h"

namespace vuurmuur::prove {

/// What a policy does with packets outside table filter, by hook; those of filter are empty. Read from doc/semantics.md
/// section 1 (step 1) and sections 3 to 5, and nothing else. Left out: helpers of broadcasts. `packet_marks`
/// tell those that release apart from others.
[[nodiscard]] std::array<Program, kHooks> meant_outside_filter(const analyse::FilterBoxes& boxes,
                                                               const PacketMarks& packet_marks, Terms& terms);

}  // namespace vuurmuur::prove
