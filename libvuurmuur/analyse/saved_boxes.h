// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "analyse/box.h"
#include "net/address.h"
#include "saved/condition.h"

namespace vuurmuur::analyse {

/// What a rule of iptables takes, as boxes. A device is its name as a number; Field::Chain is the state of connection
/// tracking: 0 NEW, 1 ESTABLISHED, 2 RELATED, 3 INVALID, 4 UNTRACKED.
struct SavedBoxes {
  static constexpr std::size_t kMost = 512;

  std::vector<Box> boxes;
  bool is_exact =
      true;  ///< false: it takes some of them only, as conditions say that have no field (marks, flags, sets, limits)
  bool has_more = false;  ///< more than kMost boxes: what they are is not said
};

/// All that a rule with these conditions takes.
[[nodiscard]] SavedBoxes boxes_of(const std::vector<saved::Condition>& conditions, net::Family family);

}  // namespace vuurmuur::analyse
