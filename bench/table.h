// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

namespace vuurmuur::bench {

/// Prints a table in Markdown, line by line as the figures come.
void print_header(const std::vector<std::string>& columns);
void print_row(const std::vector<std::string>& cells);

/// A paragraph between tables: what was left out and why.
void print_note(const std::string& text);

}  // namespace vuurmuur::bench
