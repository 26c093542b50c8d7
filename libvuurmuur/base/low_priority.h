// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vuurmuur::base {

/// Lets others go before the thread that calls it, until it ends: nice value 10, which on Linux is a thread's own
/// (setpriority(2)).
void lower_priority();

}  // namespace vuurmuur::base
