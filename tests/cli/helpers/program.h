// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace vuurmuur::test {

/// How to run the program. It gets no terminal.
struct Call {
  std::vector<std::string> arguments;
  std::string input = {};
  /// On a terminal: what the program has to write before the input is typed.
  std::string prompt = {};
  /// Variables added to an environment without NO_COLOR.
  std::vector<std::pair<std::string, std::string>> environment = {};
  /// Capabilities (linux/capability.h) that it cannot have even as root.
  std::vector<int> without_capabilities = {};
  /// Which program; empty for vuurmuur.
  std::string program = {};
};

struct Outcome {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out, err;
};

/// Runs the program and waits for it.
[[nodiscard]] Outcome vuurmuur(const Call& call);

/// With arguments alone.
[[nodiscard]] Outcome vuurmuur(std::vector<std::string> arguments);

/// Runs vuurmuur_script with "-c DIRECTORY" and these arguments.
[[nodiscard]] Outcome vuurmuur_script(const std::string& directory, std::vector<std::string> arguments,
                                      std::vector<std::pair<std::string, std::string>> environment = {});

/// Runs it on a pseudo terminal that is its standard input, output and error, typing `input`; all that it wrote is in
/// Outcome::out.
[[nodiscard]] Outcome vuurmuur_on_terminal(const Call& call);

}  // namespace vuurmuur::test
