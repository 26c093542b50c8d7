// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace vuurmuur::test {

/// The program running beside the test, with its output in a file or thrown away, and what it says of errors in the file
/// as well or thrown away. Killed at the end.
class BackgroundProgram {
 public:
  BackgroundProgram(const std::vector<std::string>& arguments, const std::string& state_directory,
                    const std::string& output = "/dev/null", bool keeps_errors = false);
  ~BackgroundProgram();
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// Sends a signal and waits for the end: exit status, or 128 + signal.
  int end(int number);

 private:
  pid_t pid_ = -1;
};

}  // namespace vuurmuur::test
