// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::lab {

struct Finished {
  int status = 0;      ///< exit status, or 128 + signal
  std::string output;  ///< standard output and error, mixed
};

/// Runs a program in the thread's namespace with `input` as its standard input, and waits for it. It dies with us.
[[nodiscard]] Finished run(const std::vector<std::string>& command, std::string_view input = {});

/// The same for a program that must succeed; gives its output.
std::string run_ok(const std::vector<std::string>& command, std::string_view input = {});

/// Lines for "ip -batch", in the thread's namespace.
void ip(std::string_view lines);

}  // namespace vuurmuur::lab
