// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/columns.h"

#include <cstddef>

namespace vuurmuur::ui {

std::vector<Slot> share_out(std::span<const Column> table, int columns) {
  std::vector<bool> is_shown(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) is_shown[i] = table[i].least > 0;
  const auto needed = [&] {
    int sum = -1;
    for (std::size_t i = 0; i < table.size(); ++i) sum += is_shown[i] ? table[i].least + 1 : 0;
    return sum;
  };
  while (needed() > columns) {
    std::size_t worst = table.size();
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (is_shown[i] && (worst == table.size() || table[i].rank >= table[worst].rank)) worst = i;
    }
    if (worst == table.size() || table[worst].rank == 0) break;
    is_shown[worst] = false;
  }
  std::vector<Slot> slots(table.size());
  int over = columns - needed();
  for (std::size_t i = 0; i < table.size(); ++i) slots[i].columns = is_shown[i] ? table[i].least : 0;
  for (bool has_grown = true; has_grown && over > 0;) {
    has_grown = false;
    for (std::size_t i = 0; i < table.size() && over > 0; ++i) {
      if (!is_shown[i] || slots[i].columns >= table[i].most) continue;
      ++slots[i].columns;
      --over;
      has_grown = true;
    }
  }
  int at = 0;
  for (Slot& slot : slots) {
    slot.column = at;
    if (slot.columns > 0) at += slot.columns + 1;
  }
  return slots;
}

}  // namespace vuurmuur::ui
