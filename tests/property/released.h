// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "kernel/support/policy_files.h"

namespace vuurmuur::kernel_test {

/// A policy of random_policy() in which programs behind most queues give connections back: each queue has one mark for
/// it, some the same one.
[[nodiscard]] Files with_release(Files files);

}  // namespace vuurmuur::kernel_test
