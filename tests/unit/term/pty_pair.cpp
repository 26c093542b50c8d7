// SPDX-License-Identifier: GPL-2.0-or-later
#include "pty_pair.h"

#include <clocale>
#include <cstdlib>

namespace vuurmuur::test {

WithLocale::WithLocale(const char* name) { REQUIRE(std::setlocale(LC_ALL, name) != nullptr); }
WithLocale::~WithLocale() { std::setlocale(LC_ALL, "C"); }

WithVariable::WithVariable(const char* name, const char* value) : name_(name), was_set_(std::getenv(name) != nullptr) {
  if (was_set_) before_ = std::getenv(name);
  if (value != nullptr)
    ::setenv(name, value, 1);
  else
    ::unsetenv(name);
}

WithVariable::~WithVariable() {
  if (was_set_)
    ::setenv(name_.c_str(), before_.c_str(), 1);
  else
    ::unsetenv(name_.c_str());
}

}  // namespace vuurmuur::test
