// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>
#include <vector>

#include "model/objects.h"
#include "net/address.h"

namespace vuurmuur::sema {

/// What a "protect against spoofing from X" keeps out.
struct SpoofRange {
  net::Prefix prefix;
  /// Whether packets *to* these addresses are kept in as well; false where the family needs them (IPv6 multicast).
  bool as_destination = true;
};

/// The addresses of a kind of spoofing in a family: those of RFC 1918, 3927, 5735 and, for IPv6, their counterparts
/// (RFC 4193 unique local, RFC 3849 documentation, RFC 4291 multicast sources and loopback). Kinds without a
/// counterpart give nothing.
[[nodiscard]] std::vector<SpoofRange> spoof_ranges(model::Spoof spoof, net::Family family);

/// All kinds.
[[nodiscard]] std::vector<model::Spoof> spoof_kinds();

/// The word of the configuration: "class-a".
[[nodiscard]] std::string_view spoof_word(model::Spoof spoof);

}  // namespace vuurmuur::sema
