// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

namespace vuurmuur::ui {

/// A column of a table.
struct Column {
  const char* head = "";
  int least = 1;  ///< columns that it needs
  int most = 1;   ///< columns that it can use
  int rank = 0;   ///< of those that do not fit the one of the highest rank goes first
  bool is_right = false;
};

/// Where a column stands; no columns when it has no room.
struct Slot {
  int column = 0, columns = 0;
};

/// Shares out `columns` of a row, a blank between neighbours: what a table cannot show at its least width it leaves
/// out, what is over goes to those that can use it, evenly.
[[nodiscard]] std::vector<Slot> share_out(std::span<const Column> table, int columns);

}  // namespace vuurmuur::ui
