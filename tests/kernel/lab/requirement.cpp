// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/requirement.h"

#include <cstdlib>
#include <optional>
#include <string>

#include "lab/error.h"
#include "support/catch.h"

using vuurmuur::lab::kernel_has;

namespace {

constexpr const char* kVariable = "VUURMUUR_TEST_ALL";

/// The variable has another value, or none, while this lives.
class Asking {
 public:
  explicit Asking(const char* value) {
    if (const char* const now = std::getenv(kVariable)) before_ = now;
    set(value);
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() { set(before_ ? before_->c_str() : nullptr); }

 private:
  static void set(const char* value) { value ? ::setenv(kVariable, value, 1) : ::unsetenv(kVariable); }

  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("what a kernel lacks is left out, unless everything is asked for") {
  const char* const value = GENERATE(as<const char*>(), nullptr, "", "0");
  const Asking asking(value);
  CHECK(kernel_has("time machine", true));
  CHECK_FALSE(kernel_has("time machine", false));
}

TEST_CASE("a kernel that lacks something fails where everything is asked for") {
  const Asking asking("1");
  CHECK(kernel_has("time machine", true));
  CHECK_THROWS_AS(kernel_has("time machine", false), vuurmuur::lab::LabError);
}
