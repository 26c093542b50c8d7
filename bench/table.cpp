// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <fmt/format.h>

#include <cstdio>

namespace vuurmuur::bench {

void print_row(const std::vector<std::string>& cells) {
  fmt::print("|");
  for (const std::string& cell : cells) fmt::print(" {} |", cell);
  fmt::print("\n");
  std::fflush(stdout);
}

void print_header(const std::vector<std::string>& columns) {
  fmt::print("\n");
  print_row(columns);
  fmt::print("|");
  for (std::size_t i = 0; i < columns.size(); ++i) fmt::print("---|");
  fmt::print("\n");
  std::fflush(stdout);
}

void print_note(const std::string& text) {
  fmt::print("\n{}\n", text);
  std::fflush(stdout);
}

}  // namespace vuurmuur::bench
