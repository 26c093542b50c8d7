// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "analyse/box.h"
#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Some boxes, and which rules may have to do with packets in them. That is told from the ends and services of a rule,
/// so that of many rules boxes are made of a few only.
class Nearness {
 public:
  /// With more boxes than that all rules are near one of them as well as not: then all are said to be.
  static constexpr std::size_t kMost = 300;

  Nearness(std::span<const Box> boxes, net::Family family);

  /// Whether a rule may take, log or pass a packet of the boxes in the chains of filter. False is sure; of rules of
  /// broadcasts and redirect rules it is never said.
  [[nodiscard]] bool is_near(const sema::Rule& rule);
  /// Whether a box overlaps one of them.
  [[nodiscard]] bool is_near(const Box& box) const;

  /// Whether packets of the boxes may have a source, or a destination, of an end's addresses.
  [[nodiscard]] bool has_source(const sema::End& end);
  [[nodiscard]] bool has_destination(const sema::End& end);

 private:
  [[nodiscard]] bool has_address(const sema::End& end, Field field);

  std::span<const Box> boxes_;
  net::Family family_;
  bool is_everything_;
  std::vector<Interval> sources_, destinations_;  ///< of the rule that is looked at
};

}  // namespace vuurmuur::analyse
