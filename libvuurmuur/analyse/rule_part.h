// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <vector>

#include "analyse/box.h"
#include "analyse/meaning.h"
#include "analyse/policy_boxes.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// What a rule is to packets of one family when two policies are held against each other.
struct RulePart {
  std::vector<Box> boxes{};   ///< that it takes for sure, or logs
  std::vector<Box> around{};  ///< what it may take, or see, on the way to another rule
  bool takes = false;         ///< what is in boxes goes no further
  bool is_log = false;        ///< it takes nothing, and logs what is in boxes
  bool is_known = true;       ///< the boxes and what it does with them are all of its meaning

  [[nodiscard]] bool is_there() const { return !boxes.empty() || !around.empty(); }
  /// Whether it is between other rules without a box that takes all.
  [[nodiscard]] bool is_on_the_way() const { return !takes || !is_known; }
};

[[nodiscard]] RulePart part_of(const sema::Rule& rule, const PolicyBoxes& boxes_of);

/// A rule with its part.
struct Parted {
  const sema::Rule& rule;
  const RulePart& part;
};

/// Whether a rule of the first policy and one of the second are the same in a family, also when they do not mean the
/// same otherwise: the boxes are told with numbers of devices that serve both policies.
[[nodiscard]] bool are_same(const Parted& first, const Parted& second, const Meanings& meanings);

/// Equal for rules that are the same; `which` is the policy (Meanings).
[[nodiscard]] std::uint64_t hash_of(const Parted& rule, std::size_t which, const Meanings& meanings);

}  // namespace vuurmuur::analyse
