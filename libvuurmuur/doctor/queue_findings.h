// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

#include "control/queue_report.h"
#include "doctor/finding.h"

namespace vuurmuur::doctor {

/// What is wrong with those who listen to queues. `is_in_force`: the rules are in the kernel, so that packets are sent
/// there. Of each kind the first ten are told one by one.
[[nodiscard]] std::vector<Finding> queue_findings(std::span<const control::QueueRow> rows, bool is_in_force);

}  // namespace vuurmuur::doctor
