// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace vuurmuur::test {

/// How a run of the program ended that was to be killed.
struct KilledRun {
  bool is_killed = false;    ///< false: it ended before
  int status = -1;           ///< its exit status, when it was not killed
  std::size_t syscalls = 0;  ///< that it began, all of its threads together
};

/// Runs the program, without a terminal and output, and kills it with SIGKILL as it begins its n-th system call after
/// execve(2), counted from 1: that call and all behind it are not done (ptrace(2), PTRACE_SYSCALL). `path`: of another
/// program than vuurmuur.
[[nodiscard]] KilledRun run_and_kill(const std::vector<std::string>& arguments, const std::string& state_directory,
                                     std::size_t nth, const std::string& path = {});

}  // namespace vuurmuur::test
