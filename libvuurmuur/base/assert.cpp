// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace vuurmuur::base {

void assertion_failed(std::string_view condition, std::source_location where) {
  std::fprintf(stderr, "%s:%u: internal error: assertion '%.*s' failed in %s\n", where.file_name(), where.line(),
               static_cast<int>(condition.size()), condition.data(), where.function_name());
  std::abort();
}

}  // namespace vuurmuur::base
