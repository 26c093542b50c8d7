// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyse/box_index.h"
#include "analyse/policy_boxes.h"
#include "analyse/ranks.h"
#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Which rule of a policy decides about a packet of one family. Made once, then asked about many packets. Rules whose
/// boxes are not known (translation, broadcasts: PolicyBoxes) are not asked.
class Decider {
 public:
  /// The policy must outlive it.
  Decider(const sema::Policy& policy, net::Family family);
  Decider(const Decider&) = delete;
  Decider& operator=(const Decider&) = delete;

  /// The place in Policy::rules of the first rule that takes the packet whatever the moment is; nothing when none does,
  /// which leaves it to the policy of the chain.
  [[nodiscard]] std::optional<std::size_t> decide(const Point& point) const;

  /// The rules before place `before` that it meets and that may let it go on: limits, log and chain rules. In their
  /// order.
  [[nodiscard]] std::vector<std::size_t> passed(const Point& point, std::size_t before = SIZE_MAX) const;

  /// What the fields of its points mean.
  [[nodiscard]] const PolicyBoxes& boxes() const { return boxes_of_; }

 private:
  /// Boxes in the order of the rules that they are of.
  struct Part {
    std::vector<RankBox> boxes{};
    std::vector<std::size_t> owner{};
  };

  PolicyBoxes boxes_of_;
  std::optional<Ranks> ranks_;
  Part taking_, passing_;
  BoxIndex taking_index_, passing_index_;
};

}  // namespace vuurmuur::analyse
