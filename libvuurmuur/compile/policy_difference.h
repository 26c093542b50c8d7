// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "sema/policy.h"

// In what policies differ that are resolved from the same rules.
namespace vuurmuur::compile {

/// Any of these together.
enum class Difference : std::uint8_t {
  None = 0,
  Ipv4 = 1,  ///< IPv4 addresses of networks and hosts
  Ipv6 = 2,  ///< the same for IPv6
  Other = 4,
};

[[nodiscard]] constexpr Difference operator|(Difference a, Difference b) {
  return static_cast<Difference>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr bool has(Difference all, Difference one) {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}
[[nodiscard]] constexpr Difference difference_of(net::Family family) {
  return family == net::Family::Ipv4 ? Difference::Ipv4 : Difference::Ipv6;
}

/// Rules are the same when they come from the same place of the same model (sema::Rule::source).
[[nodiscard]] Difference difference(const sema::Rule& a, const sema::Rule& b);

/// Everything but the rules.
[[nodiscard]] Difference difference_besides_rules(const sema::Policy& a, const sema::Policy& b);

}  // namespace vuurmuur::compile
