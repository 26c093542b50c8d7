// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/process_name.h"

#include <fstream>

namespace vuurmuur::apply {

std::string process_name(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/comm");
  std::string name;
  std::getline(file, name);
  for (char& c : name)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  return name;
}

}  // namespace vuurmuur::apply
