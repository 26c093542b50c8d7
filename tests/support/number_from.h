// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdlib>

namespace vuurmuur::test {

/// How often or how large a test is, by a variable of the environment; without it what is enough for every day.
inline unsigned number_from(const char* variable, unsigned otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

}  // namespace vuurmuur::test
