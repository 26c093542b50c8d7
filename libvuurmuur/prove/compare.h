// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "analyse/box.h"
#include "prove/behaviour.h"
#include "prove/program.h"

namespace vuurmuur::prove {

/// Packets with which two programs do not do the same.
struct Disagreement {
  analyse::Box packets;               ///< Field::Chain is not used
  Situation when;                     ///< one state, one value of flags, one kind and number
  std::size_t first = 0, second = 0;  ///< entries: what each does; of one that logs or may take it, that one
};

struct Comparison {
  std::vector<Disagreement> disagreements;  ///< so many as were asked for at most
  std::size_t pairs = 0;                    ///< of entries that share packets and do not do the same with them
  std::size_t searched = 0;                 ///< of these, those for which entries before them were searched through
  std::size_t unfinished = 0;               ///< and those for which the budget ran out: nothing is known of them
  static constexpr std::size_t kUsual = 16;

  [[nodiscard]] bool is_equal() const { return disagreements.empty() && unfinished == 0; }
};

/// Whether two programs do the same with every packet, exactly. `regions`: what both were written in.
///
/// Both end every packet. So a packet is treated otherwise exactly when it is in some entry a of the first that ends it
/// and some entry b of the second that ends it, these do not do the same, and it is in no entry before a of the first
/// that ends packets and in none such before b of the second. Such pairs are gone through; nearly all are settled
/// because the same region as that of b stands before a in the first, or that of a before b in the second.
///
/// What only logs, or may take a packet, is compared in the same way: an entry l of the first and b of the second
/// differ when they share a packet that is ended before neither, and no entry of the second that does as l stands
/// before b. And where two of those share packets and the moment decides about one, they have to stand in the same
/// order.
[[nodiscard]] Comparison compare(const RegionPile& regions, const Program& first, const Program& second,
                                 std::size_t steps, std::size_t most = Comparison::kUsual);

}  // namespace vuurmuur::prove
