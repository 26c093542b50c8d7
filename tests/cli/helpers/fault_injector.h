// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace vuurmuur::test {

/// How a run of the program ended whose n-th call was to fail.
struct FaultyRun {
  bool has_failed = false;  ///< false: there were fewer calls
  std::string call;         ///< the one that failed: "write", "fsync", "rename", "open"
  int status = -1;          ///< exit status, or 128 + signal
  std::string err;          ///< what it wrote to its error output
};

/// Runs the program and lets its n-th call that changes something in a directory fail with an errno, counted from 1:
/// write(2), fsync(2), rename(2), and open(2) of a file to be made, anywhere. That call is not done, all others are.
/// (seccomp_unotify(2), which works on every architecture.) The directory is also the program's state directory. `path`:
/// of another program than vuurmuur.
[[nodiscard]] FaultyRun run_with_fault(const std::vector<std::string>& arguments, const std::string& directory,
                                       std::size_t nth, int error, const std::string& path = {});

}  // namespace vuurmuur::test
