// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "ir/marks.h"
#include "prove/mark_value.h"
#include "prove/region.h"

namespace vuurmuur::prove {

/// What a whole has besides a part of it, as regions that share no packet; nothing: there are more than `most`.
[[nodiscard]] std::optional<std::vector<Region>> rest_of(const Region& part, const Region& whole, std::size_t most);

/// What a situation has of connection marks for which (mark & mask) == value, or, inverted, is not. Nothing: there are
/// more than kMostMarkWays.
[[nodiscard]] std::optional<std::vector<Situation>> with_mark(const Situation& when, const AskedBits& asked,
                                                              const ir::MarkLayout& layout, bool is_inverted);

}  // namespace vuurmuur::prove
