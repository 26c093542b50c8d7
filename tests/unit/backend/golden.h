// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.h"

namespace vuurmuur::backend_test {

/// Compares with a file beside these tests; with UPDATE_GOLDEN set in the environment writes it instead.
inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path = VM_TEST_DIR "/unit/backend/expect/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  CHECK(text == expected.str());
}

}  // namespace vuurmuur::backend_test
