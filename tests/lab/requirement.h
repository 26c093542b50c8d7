// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string_view>

namespace vuurmuur::lab {

/// For cases that a kernel may be unable to run: gives `has`. If the kernel has not got it, says on standard error that
/// the cases with it are left out; when the environment holds VUURMUUR_TEST_ALL=1, as on the kernels of scripts/vmtest,
/// which have everything, that is an error instead.
[[nodiscard]] bool kernel_has(std::string_view what, bool has);

/// Whether one netlink message of so many bytes can be sent from the laboratory, whose root is not the machine's as a
/// rule: twice net.core.wmem_max limits it then (socket(7)). As kernel_has().
[[nodiscard]] bool can_send(std::size_t bytes);

}  // namespace vuurmuur::lab
