// SPDX-License-Identifier: GPL-2.0-or-later
// Windows that no other test shows at all three sizes: the smallest, the usual and a large one.
#include <fmt/format.h>

#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;

namespace {

struct Window {
  const char* name;
  const char* keys;  ///< that lead to it from the main screen
};

constexpr Window kWindows[] = {
    {"main", ""},
    {"zones", "z"},
    {"networks", "z End Enter"},
    {"host-form", "z End Enter Enter e"},
    {"members", "z End Enter Enter G e Enter"},
    {"users", "z End Enter Enter d w"},
    {"interface-form", "i End Enter"},
    {"service-form", "F8 Enter"},
    {"ports", "F8 j p"},
    {"port-form", "F8 j p i"},
    {"rule-form", "r j j j j e"},
    {"rule-picker", "r j j j j e Enter"},
    {"rule-search", "r /"},
    {"delete-rules", "r j x x d"},
    {"help", "r ?"},
    {"palette", ":"},
    {"quit", "r Space Q"},
};

}  // namespace

TEST_CASE("each window fits into the smallest screen, the usual one and a large one") {
  for (const Window& window : kWindows) {
    INFO(window.name);
    for (const ui::Size size : {ui::Size{.rows = 15, .columns = 60}, ui::Size{.rows = 24, .columns = 80},
                                ui::Size{.rows = 50, .columns = 200}}) {
      Driver driver;
      driver.resize(size);
      if (*window.keys != 0) driver.press(window.keys);
      expect_screen(driver, fmt::format("sizes-{}-{}x{}", window.name, size.columns, size.rows));
    }
  }
}
