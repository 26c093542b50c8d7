// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "apply/apply.h"

namespace vuurmuur::apply {

/// Our table of a family as nft prints it ("nft list table ip vuurmuur"), by libnftables; empty when there is none.
[[nodiscard]] base::Result<std::string> print_own_nft_table(net::Family family);

/// Reads what nft prints of our table: its chains, by the table of xtables that they stand for. A rule's counters are
/// those of its origin, which other rules may count into as well.
[[nodiscard]] std::vector<ListedTable> parse_nft_listing(std::string_view text, net::Family family);

}  // namespace vuurmuur::apply
