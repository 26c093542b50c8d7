// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>

namespace vuurmuur::lab {

/// For cases that a kernel may be unable to run: gives `has`. If the kernel has not got it, says on standard error that
/// the cases with it are left out; when the environment holds VUURMUUR_TEST_ALL=1, as on the kernels of scripts/vmtest,
/// which have everything, that is an error instead.
[[nodiscard]] bool kernel_has(std::string_view what, bool has);

}  // namespace vuurmuur::lab
