// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string_view>

namespace vuurmuur::apply {

/// The rule engines of the kernel that a ruleset can be loaded into.
enum class Backend : std::uint8_t {
  Xtables,  ///< ip_tables and ip6_tables with ip_set
  Nft,      ///< nf_tables
};

/// "xtables" or "nft".
[[nodiscard]] constexpr std::string_view to_string(Backend backend) {
  return backend == Backend::Xtables ? "xtables" : "nft";
}

}  // namespace vuurmuur::apply
