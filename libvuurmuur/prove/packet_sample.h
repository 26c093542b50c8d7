// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "analyse/policy_boxes.h"
#include "analyse/sample.h"
#include "prove/compare.h"
#include "prove/hook.h"

namespace vuurmuur::prove {

/// One of the packets that programs do not agree on, for people.
[[nodiscard]] analyse::Sample sample_of(const Disagreement& what, Hook hook, const analyse::PolicyBoxes& fields);

}  // namespace vuurmuur::prove
