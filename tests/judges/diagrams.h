// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "certificate.h"

namespace vuurmuur::judges {

/// Lists as binary decision diagrams over the bits of the fields (BuDDy): sets of packets that are one number, so that
/// two are the same set when their numbers are. One of it at a time, for the library has one table of nodes.
class Diagrams {
 public:
  Diagrams();
  ~Diagrams();
  Diagrams(const Diagrams&) = delete;
  Diagrams& operator=(const Diagrams&) = delete;

  /// By box of the list, in a world of packets that its ends take the bits of: whether some packet of it is in no box
  /// that takes of a rule before its own.
  [[nodiscard]] std::vector<bool> is_left(const List& list, const Box& world);

  /// Whether pieces are apart and together are a region without the boxes `taken`.
  [[nodiscard]] bool are_rest(std::span<const Box> pieces, const Box& region, std::span<const Box> taken,
                              const Box& world);

  /// What two lists treat otherwise. `what` numbers what becomes of a packet that a rule, or none (kNobody), takes.
  struct Difference {
    bool is_there = false;
    bool is_in_rows = false;  ///< all of it is in `rows`
    bool is_rows = false;     ///< and nothing else is
  };
  [[nodiscard]] Difference difference(const Comparison& lists, const std::function<int(std::size_t rule)>& before,
                                      const std::function<int(std::size_t rule)>& after, std::span<const Box> rows);
};

}  // namespace vuurmuur::judges
