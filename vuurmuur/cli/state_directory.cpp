// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/state_directory.h"

#include <cstdlib>

#include "apply/apply.h"

namespace vuurmuur::cli {

std::optional<std::string> named_state_directory(const Arguments& arguments) {
  if (auto directory = arguments.value(kStateDirOption.name)) return directory;
  const char* variable = std::getenv("VUURMUUR_STATE_DIR");
  if (variable == nullptr || *variable == '\0') return std::nullopt;
  return variable;
}

std::string state_directory(const Arguments& arguments) {
  return named_state_directory(arguments).value_or("/var/lib/vuurmuur");
}

std::string runtime_directory(const Arguments& arguments) {
  return named_state_directory(arguments).value_or(apply::Options().state_directory);
}

}  // namespace vuurmuur::cli
