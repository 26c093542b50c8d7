// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/clock.h"

#include <cstdlib>

#include "support/catch.h"

using namespace vuurmuur;

TEST_CASE("the boot has one name, whether the kernel tells it or the service manager") {
  ::unsetenv("VUURMUUR_BOOT_ID");
  const std::string by_kernel = control::SystemClock().now().boot;
  CHECK(by_kernel.size() == 32);
  CHECK(by_kernel.find_first_not_of("0123456789abcdef") == std::string::npos);
  ::setenv("VUURMUUR_BOOT_ID", "5cf0da6e498e4dacb79fc2db5d22b5a4", /*replace=*/1);
  CHECK(control::SystemClock().now().boot == "5cf0da6e498e4dacb79fc2db5d22b5a4");
  ::setenv("VUURMUUR_BOOT_ID", "5cf0da6e-498e-4dac-b79f-c2db5d22b5a4", /*replace=*/1);
  CHECK(control::SystemClock().now().boot == "5cf0da6e498e4dacb79fc2db5d22b5a4");
  ::unsetenv("VUURMUUR_BOOT_ID");
}
