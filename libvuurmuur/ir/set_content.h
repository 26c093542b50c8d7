// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ir/set.h"

namespace vuurmuur::ir {

/// A number made of elements, in whatever order they come and whichever end of a packet their only address is compared
/// with: what set_name() writes last. Origins count for nothing.
[[nodiscard]] std::uint64_t content_hash(std::span<const SetElement> elements);

/// The number in a name that set_name() gave; nothing in others, as those of timed sets.
[[nodiscard]] std::optional<std::uint64_t> content_told_by(std::string_view set_name);

}  // namespace vuurmuur::ir
