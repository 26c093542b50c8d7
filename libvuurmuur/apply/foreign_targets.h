// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "apply/foreign_rules.h"

namespace vuurmuur::apply {

// What xtables targets do, by their names and data; iptables-nft has them in nf_tables too.

/// Whether a target ends a packet's way.
[[nodiscard]] bool refuses(std::string_view target);

/// Whether a target changes addresses or ports.
[[nodiscard]] bool translates(std::string_view target);

struct ConnmarkUse {
  ForeignMark::Use use = ForeignMark::Use::Write;
  std::uint32_t bits = 0;
};

/// The bits of the connection mark that a CONNMARK target changes or copies (linux/netfilter/xt_connmark.h); nothing
/// for other targets.
[[nodiscard]] std::optional<ConnmarkUse> connmark_use(std::string_view target, std::uint32_t revision,
                                                      std::span<const std::byte> data);

}  // namespace vuurmuur::apply
