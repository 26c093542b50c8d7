// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <fmt/format.h>
#include <sys/types.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace vuurmuur::test {

/// What a process holds.
struct ProcessSize {
  long resident_kilobytes = 0;  ///< VmRSS of proc_pid_status(5)
  std::ptrdiff_t descriptors = 0;
};

inline ProcessSize process_size(pid_t pid) {
  ProcessSize size;
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) size.resident_kilobytes = std::strtol(line.c_str() + 6, nullptr, 10);
  size.descriptors = std::distance(std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid)), {});
  return size;
}

/// For programs started from now on: where they have a sanitizer, what they free is to be free, as their memory is looked at.
inline void count_what_is_freed_as_free() {
  ::setenv("ASAN_OPTIONS", "quarantine_size_mb=0:thread_local_quarantine_size_kb=0", /*replace=*/1);
}

}  // namespace vuurmuur::test
