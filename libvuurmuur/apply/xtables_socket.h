// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netfilter_ipv4/ip_tables.h>

#include <span>

#include "apply/kernel.h"
#include "base/unique_fd.h"

namespace vuurmuur::apply {

/// The raw socket through which one table of this network namespace is read and written
/// (linux/netfilter_ipv4/ip_tables.h; linux/netfilter_ipv6/ip6_tables.h has the same structures and numbers).
class TableSocket {
 public:
  /// Errors are in plain words: no CAP_NET_ADMIN, no IPv6.
  [[nodiscard]] static base::Result<TableSocket> open(net::Family family, ir::TableName table);

  /// Sizes and offsets of the table (IPT_SO_GET_INFO), which makes the table when it is not there; 0 or the errno.
  [[nodiscard]] int read_info(ipt_getinfo& info) const;
  /// The whole table (IPT_SO_GET_ENTRIES).
  [[nodiscard]] base::Result<TableSnapshot> read() const;

  /// Puts a whole table in force (IPT_SO_SET_REPLACE): `request` is a struct ipt_replace with its entries behind it, in
  /// which everything but the counters is set. `old_counters` has one place for each entry of the table that is in
  /// force and gets what those counted to their end; EAGAIN when their number is another one. 0 or the errno.
  [[nodiscard]] int replace(std::span<std::byte> request, std::span<xt_counters> old_counters) const;
  /// Adds to the counters of all entries of the table in force (IPT_SO_SET_ADD_COUNTERS), one number for each; 0 or the
  /// errno.
  [[nodiscard]] int add_counters(std::span<const xt_counters> counters) const;

 private:
  TableSocket(net::Family family, ir::TableName table, base::UniqueFd fd)
      : family_(family), table_(table), fd_(std::move(fd)) {}

  net::Family family_;
  ir::TableName table_;
  base::UniqueFd fd_;
};

/// A table as its raw bytes.
[[nodiscard]] base::Result<TableSnapshot> read_snapshot(net::Family family, ir::TableName table);

/// Puts the raw bytes back, then their counters. What the kernel keeps besides, like the fill of a limit's bucket,
/// begins anew.
[[nodiscard]] base::Result<void> write_snapshot(const TableSnapshot& snapshot);

/// A request for TableSocket::replace() that puts a snapshot back.
[[nodiscard]] std::vector<std::byte> replace_request(const TableSnapshot& snapshot);

/// Whether the kernel has a match or target in a revision (IPT_SO_GET_REVISION_MATCH, _TARGET); loads its module if it
/// can.
[[nodiscard]] bool has_extension(net::Family family, const Extension& extension);

/// Whether sockets of the family can be made at all.
[[nodiscard]] bool has_sockets(net::Family family);

/// Asks the kernel to load ip_tables or ip6_tables when it has not got it; nothing happens when that fails.
void load_tables_module(net::Family family);

}  // namespace vuurmuur::apply
