// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace vuurmuur::bench {

/// The command line.
struct Arguments {
  std::vector<std::string> sections;  ///< names of existing ones; empty for all
  std::vector<std::uint32_t> sizes;   ///< empty for each section's own
  unsigned runs = 0;                  ///< 0: each section's own
  bool list = false, help = false;
};

/// Reads the words behind the program's name; the error is a message for the user.
[[nodiscard]] std::expected<Arguments, std::string> parse_arguments(std::span<const char* const> words);

/// What --help prints.
[[nodiscard]] std::string usage();

}  // namespace vuurmuur::bench
