// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "analyse/box.h"
#include "analyse/ranks.h"
#include "net/address.h"

namespace vuurmuur::analyse {

/// Whether there are such packets: ICMP has no types and codes above 255.
[[nodiscard]] bool can_be(const Box& box);

/// A packet of a box, of those that a person would take as an example: by a device that has a name, from a port that
/// clients have.
[[nodiscard]] Point example_of(const Box& box, net::Family family);

/// The boxes of one row of a difference, joined where they are side by side.
class RowTraffic {
 public:
  /// More boxes than that are shown by an outline.
  static constexpr std::size_t kMostBoxes = 256;

  /// Pieces of a region that have nothing in common with what was added; not `is_whole`: there may be more of the
  /// region.
  void add(const Ranks& ranks, std::span<const RankBox> pieces, const RankBox& region, bool is_whole);

  [[nodiscard]] std::vector<RankBox> boxes() const;
  [[nodiscard]] bool is_outline() const { return is_outline_; }
  /// One that is in it as a whole.
  [[nodiscard]] const RankBox& example() const { return example_; }

 private:
  std::vector<RankBox> boxes_;
  bool is_outline_ = false;
  bool has_example_ = false, is_good_example_ = false;
  RankBox example_{};
};

}  // namespace vuurmuur::analyse
