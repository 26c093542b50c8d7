// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apply/counters.h"
#include "apply/nft_socket.h"
#include "backend/nft_batch.h"
#include "ir/target.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// How much of a table is read.
enum class NftParts : std::uint8_t {
  ChainsAndSets,  ///< their names; counters by the thousand take longer than all else
  All,
};

/// What nf_tables has in our table of a family.
struct NftTable {
  backend::nft::Existing content{};
  /// Whether a chain that is the user's own, and not ours, has rules in it.
  bool has_user_rules = false;
};

/// A named counter with the label of the origin that it counts for.
struct NftCounter {
  std::string label;
  Counters counters;
};

/// Whether a table of nf_tables is ours: "ip vuurmuur" and "ip6 vuurmuur". `family` is an NFPROTO_ number.
[[nodiscard]] bool is_own_nft_table(std::uint32_t family, std::string_view name);

/// Whether a chain of ours is in nf_tables. A kernel without nf_tables has none.
[[nodiscard]] base::Result<bool> has_own_nft_chains();

/// Reads our table of a family. Nothing of it when there is none.
[[nodiscard]] base::Result<NftTable> read_own_nft_table(net::Family family, NftParts parts);

/// What the named counters of our table have counted.
[[nodiscard]] base::Result<std::vector<NftCounter>> read_own_nft_counters(net::Family family);

/// The ways of queueing in the rules of our table's filter chains.
[[nodiscard]] base::Result<std::vector<ir::NfqueueTarget>> read_own_nft_queues(net::Family family);

/// Whether an error says that the kernel has no nf_tables.
[[nodiscard]] bool means_no_nf_tables(const base::Error& error);

/// How often a listing is begun again when something changed while it was read.
inline constexpr int kListTries = 5;

/// Lists all objects of a kind (NFT_MSG_GETCHAIN …), of all families.
[[nodiscard]] base::Result<void> list_all(NftSocket& socket, std::uint16_t request, const NftSocket::Visit& visit);

/// Lists the rules of one table, or of one of its chains.
[[nodiscard]] base::Result<void> list_rules(NftSocket& socket, std::uint32_t family, const std::string& table,
                                            const NftSocket::Visit& visit, const std::string& chain = {});

}  // namespace vuurmuur::apply
