// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_tables.h"

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <array>
#include <cerrno>

namespace vuurmuur::apply {
namespace {

constexpr std::string_view kOwnTable = "vuurmuur";

/// Enough for a request with a name of NFT_NAME_MAXLEN.
using RequestBuffer = std::array<char, 1024>;

}  // namespace

bool is_own_nft_table(std::uint32_t family, std::string_view name) {
  return (family == NFPROTO_IPV4 || family == NFPROTO_IPV6) && name == kOwnTable;
}

base::Result<bool> has_own_nft_tables() {
  bool found = false;
  const auto read = [&](const nlmsghdr* header) {
    const std::unique_ptr<nftnl_table, decltype(&nftnl_table_free)> table(nftnl_table_alloc(), nftnl_table_free);
    if (!table || nftnl_table_nlmsg_parse(header, table.get()) < 0) return;
    const char* name = nftnl_table_get_str(table.get(), NFTNL_TABLE_NAME);
    if (name != nullptr) found |= is_own_nft_table(nftnl_table_get_u32(table.get(), NFTNL_TABLE_FAMILY), name);
  };
  NftSocket socket = VM_TRY(NftSocket::open());
  base::Result<void> listed;
  for (int tries = 0; tries < kListTries; ++tries) {
    found = false;
    listed = list_all(socket, NFT_MSG_GETTABLE, read);
    if (listed || listed.error().code != EINTR) break;
  }
  if (listed || means_no_nf_tables(listed.error())) return found;
  return std::unexpected(std::move(listed).error());
}

bool means_no_nf_tables(const base::Error& error) {
  return error.code == EOPNOTSUPP || error.code == EINVAL || error.code == EPROTONOSUPPORT;
}

base::Result<void> list_all(NftSocket& socket, std::uint16_t request, const NftSocket::Visit& visit) {
  RequestBuffer buffer{};
  return socket.list(nftnl_nlmsg_build_hdr(buffer.data(), request, NFPROTO_UNSPEC, NLM_F_DUMP, 0), visit);
}

base::Result<void> list_rules(NftSocket& socket, std::uint32_t family, const std::string& table,
                              const NftSocket::Visit& visit) {
  RequestBuffer buffer{};
  nlmsghdr* request =
      nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETRULE, static_cast<std::uint16_t>(family), NLM_F_DUMP, 0);
  mnl_attr_put_strz(request, NFTA_RULE_TABLE, table.c_str());
  return socket.list(request, visit);
}

}  // namespace vuurmuur::apply
