// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>

#include "base/result.h"

namespace vuurmuur::apply {

/// Runs the work in a network namespace of its own, in a thread of its own: the namespace of the caller's thread cannot
/// change, whatever happens, and the new one goes with the thread. Needs CAP_SYS_ADMIN (unshare(2)).
[[nodiscard]] base::Result<void> run_in_scratch_namespace(const std::function<void()>& work);

}  // namespace vuurmuur::apply
