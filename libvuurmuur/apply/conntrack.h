// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// The different marks of the live connections of both families for which (mark & mask) == value, sorted; the kernel
/// picks them.
[[nodiscard]] base::Result<std::vector<std::uint32_t>> marks_of_connections(std::uint32_t value, std::uint32_t mask);

/// Ends the live connections of which one of the four addresses (both ends, both directions) is in one of the prefixes;
/// how many were ended.
[[nodiscard]] base::Result<std::size_t> end_connections_of(std::span<const net::Prefix> addresses);

}  // namespace vuurmuur::apply
