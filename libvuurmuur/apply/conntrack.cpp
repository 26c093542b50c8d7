// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/conntrack.h"

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>

namespace vuurmuur::apply {
namespace {

struct CloseHandle {
  void operator()(nfct_handle* handle) const { nfct_close(handle); }
};
using Handle = std::unique_ptr<nfct_handle, CloseHandle>;

struct DestroyFilter {
  void operator()(nfct_filter_dump* filter) const { nfct_filter_dump_destroy(filter); }
};
using Filter = std::unique_ptr<nfct_filter_dump, DestroyFilter>;

struct DestroyConnection {
  void operator()(nf_conntrack* connection) const { nfct_destroy(connection); }
};
using Connection = std::unique_ptr<nf_conntrack, DestroyConnection>;

constexpr std::uint8_t family_number(net::Family family) { return family == net::Family::Ipv4 ? AF_INET : AF_INET6; }

base::Result<Handle> open_handle() {
  Handle handle(nfct_open(CONNTRACK, 0));
  if (!handle) return base::system_error("open conntrack", errno);
  return handle;
}

/// Calls `visit` with every connection that the filter lets through, of one family or (AF_UNSPEC) of both: the kernel
/// walks its whole table in either case.
template <class Visit>
base::Result<void> dump(std::uint8_t family, nfct_filter_dump* filter, Visit& visit) {
  const Handle handle = VM_TRY(open_handle());
  nfct_filter_dump_set_attr_u8(filter, NFCT_FILTER_DUMP_L3NUM, family);
  const auto callback = [](nf_conntrack_msg_type, nf_conntrack* connection, void* data) -> int {
    (*static_cast<Visit*>(data))(connection);
    return NFCT_CB_CONTINUE;
  };
  nfct_callback_register(handle.get(), NFCT_T_ALL, callback, &visit);
  if (nfct_query(handle.get(), NFCT_Q_DUMP_FILTER, filter) < 0)
    return base::system_error("list live connections", errno);
  return {};
}

base::Result<Filter> make_filter() {
  Filter filter(nfct_filter_dump_create());
  if (!filter) return base::system_error("list live connections", errno);
  return filter;
}

using AddressAttributes = std::array<nf_conntrack_attr, 4>;
constexpr AddressAttributes kIpv4Attributes{ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV4_DST, ATTR_REPL_IPV4_SRC,
                                            ATTR_REPL_IPV4_DST};
constexpr AddressAttributes kIpv6Attributes{ATTR_ORIG_IPV6_SRC, ATTR_ORIG_IPV6_DST, ATTR_REPL_IPV6_SRC,
                                            ATTR_REPL_IPV6_DST};

/// Prefixes of one family to look addresses up in.
class PrefixSet {
 public:
  PrefixSet(std::span<const net::Prefix> prefixes, net::Family family) {
    std::vector<net::Prefix> sorted;
    for (const net::Prefix& prefix : prefixes)
      if (prefix.family() == family) sorted.push_back(prefix.network());
    std::ranges::sort(sorted);
    // Two prefixes are disjoint or one holds the other, and then the larger comes first.
    for (const net::Prefix& prefix : sorted)
      if (disjoint_.empty() || !disjoint_.back().contains(prefix)) disjoint_.push_back(prefix);
  }

  [[nodiscard]] bool is_empty() const { return disjoint_.empty(); }

  [[nodiscard]] bool contains(const net::Address& address) const {
    const auto behind = std::ranges::upper_bound(disjoint_, address, {}, &net::Prefix::address);
    return behind != disjoint_.begin() && std::prev(behind)->contains(address);
  }

 private:
  std::vector<net::Prefix> disjoint_;
};

/// Whether one of the addresses of a connection, at either end and in either direction, is in the set.
bool touches(const nf_conntrack* connection, net::Family family, const PrefixSet& prefixes) {
  const AddressAttributes& attributes = family == net::Family::Ipv4 ? kIpv4Attributes : kIpv6Attributes;
  for (const nf_conntrack_attr attribute : attributes) {
    const void* bytes = nfct_get_attr(connection, attribute);
    if (bytes == nullptr) continue;
    net::Address address{.family = family};
    std::memcpy(address.bytes.data(), bytes, address_bits(family) / 8);
    if (prefixes.contains(address)) return true;
  }
  return false;
}

}  // namespace

base::Result<std::vector<std::uint32_t>> marks_of_connections(std::uint32_t value, std::uint32_t mask) {
  std::set<std::uint32_t> marks;
  auto visit = [&](const nf_conntrack* connection) {
    const std::uint32_t mark = nfct_get_attr_u32(connection, ATTR_MARK);
    // A kernel that ignores the filter gives all connections.
    if ((mark & mask) == value) marks.insert(mark);
  };
  const Filter filter = VM_TRY(make_filter());
  const nfct_filter_dump_mark by_mark{.val = value, .mask = mask};
  nfct_filter_dump_set_attr(filter.get(), NFCT_FILTER_DUMP_MARK, &by_mark);
  VM_TRY_VOID(dump(AF_UNSPEC, filter.get(), visit));
  return std::vector<std::uint32_t>(marks.begin(), marks.end());
}

base::Result<std::size_t> end_connections_of(std::span<const net::Prefix> addresses) {
  std::size_t ended = 0;
  for (const net::Family family : net::kFamilies) {
    const PrefixSet prefixes(addresses, family);
    if (prefixes.is_empty()) continue;
    // Collected first: a request while the dump runs would come in between its messages.
    std::vector<Connection> found;
    auto visit = [&](const nf_conntrack* connection) {
      if (touches(connection, family, prefixes)) found.emplace_back(nfct_clone(connection));
    };
    const Filter filter = VM_TRY(make_filter());
    VM_TRY_VOID(dump(family_number(family), filter.get(), visit));
    const Handle handle = VM_TRY(open_handle());
    for (const Connection& connection : found) {
      if (nfct_query(handle.get(), NFCT_Q_DESTROY, connection.get()) == 0)
        ++ended;
      else if (errno != ENOENT)  // ended by itself meanwhile
        return base::system_error("end a live connection", errno);
    }
  }
  return ended;
}

}  // namespace vuurmuur::apply
