// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "net/ports.h"

namespace vuurmuur::screens {

/// A message of ICMP or ICMPv6 that people know by name (IANA "ICMP Type Numbers", "ICMPv6 type Numbers").
struct IcmpName {
  net::Protocol protocol;
  std::uint8_t type;
  std::optional<std::uint8_t> code;  ///< nothing: all of the type
  const char* name;                  ///< as it is registered, not translated
};

[[nodiscard]] std::span<const IcmpName> icmp_names();

}  // namespace vuurmuur::screens
