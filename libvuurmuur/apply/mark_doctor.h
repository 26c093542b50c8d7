// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apply/foreign_rules.h"
#include "ir/marks.h"

namespace vuurmuur::apply {

/// A field of the connection mark that nobody else uses.
struct MaskProposal {
  std::uint32_t mask = 0;
  /// Highest queue number, log group or packet mark number that it can hold.
  std::uint16_t highest = 0;
  bool operator==(const MaskProposal&) const = default;
};

struct MarkDiagnosis {
  /// Rules of others that change bits of our field, or copy them into packet marks.
  std::vector<ForeignMark> collisions;
  /// All bits of the connection mark that rules of others change or copy.
  std::uint32_t taken = 0;
  /// The field to use instead: the widest that is free, 18 bits at most, and of equally wide ones the highest. Nothing
  /// when less than a kind and one bit of number is free. Only when there are collisions.
  std::optional<MaskProposal> proposal;
};

/// Whether others' rules and our field of the connection mark get in each other's way. A rule about the whole mark
/// (wg-quick has such ones for its own packets) collides with every field: its bits do not count as taken, since no
/// other field would help.
[[nodiscard]] MarkDiagnosis diagnose_marks(const std::vector<ForeignMark>& marks, const ir::MarkLayout& layout);

}  // namespace vuurmuur::apply
