// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "apply/nft_socket.h"

namespace vuurmuur::apply {

/// Whether a table of nf_tables is ours: "ip vuurmuur" and "ip6 vuurmuur". `family` is an NFPROTO_ number.
[[nodiscard]] bool is_own_nft_table(std::uint32_t family, std::string_view name);

/// Whether there is one of them. A kernel without nf_tables has none.
[[nodiscard]] base::Result<bool> has_own_nft_tables();

/// Whether an error says that the kernel has no nf_tables.
[[nodiscard]] bool means_no_nf_tables(const base::Error& error);

/// How often a listing is begun again when something changed while it was read.
inline constexpr int kListTries = 5;

/// Lists all objects of a kind (NFT_MSG_GETCHAIN …), of all families.
[[nodiscard]] base::Result<void> list_all(NftSocket& socket, std::uint16_t request, const NftSocket::Visit& visit);

/// Lists the rules of one table.
[[nodiscard]] base::Result<void> list_rules(NftSocket& socket, std::uint32_t family, const std::string& table,
                                            const NftSocket::Visit& visit);

}  // namespace vuurmuur::apply
