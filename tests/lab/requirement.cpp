// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/requirement.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "lab/error.h"

namespace vuurmuur::lab {

bool kernel_has(std::string_view what, bool has) {
  if (has) return true;
  const std::string text = "this kernel has no " + std::string(what);
  const char* const all = std::getenv("VUURMUUR_TEST_ALL");
  if (all && std::string_view(all) == "1") throw LabError(text + ", and VUURMUUR_TEST_ALL asks for everything");
  std::fprintf(stderr, "%s: cases with it are left out\n", text.c_str());
  return false;
}

bool can_send(std::size_t bytes) {
  std::ifstream file("/proc/sys/net/core/wmem_max");
  std::size_t most = 0;
  file >> most;
  return kernel_has("room for messages of " + std::to_string(bytes) + " bytes (net.core.wmem_max)", 2 * most >= bytes);
}

}  // namespace vuurmuur::lab
