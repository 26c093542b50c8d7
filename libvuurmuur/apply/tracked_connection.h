// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "apply/live_connection.h"
#include "base/result.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// What conntrack has counted one way; nothing but zeros while net.netfilter.nf_conntrack_acct was off when the
/// connection began.
struct Traffic {
  std::uint64_t packets = 0, bytes = 0;
  bool operator==(const Traffic&) const = default;
};

/// An entry of conntrack's table with all that it tells.
struct TrackedConnection {
  LiveConnection connection;
  Traffic to, back;                         ///< in the original direction and in the other one
  std::uint32_t status = 0;                 ///< IPS_* of linux/netfilter/nf_conntrack_common.h
  std::uint32_t seconds_left = 0;           ///< until it is forgotten when nothing comes; nothing of one that has ended
  std::optional<std::uint8_t> tcp_state{};  ///< TCP_CONNTRACK_* of linux/netfilter/nf_conntrack_tcp.h
  /// Nanoseconds since 1970, by the machine's clock; with net.netfilter.nf_conntrack_timestamp alone.
  std::optional<std::uint64_t> began{}, ended{};
  std::string helper{};  ///< "ftp"; empty: none

  [[nodiscard]] bool is_counted() const { return to.packets != 0 || back.packets != 0; }
  [[nodiscard]] bool has_reply() const;
  [[nodiscard]] bool is_assured() const;
  bool operator==(const TrackedConnection&) const = default;
};

/// "established" of TCP, "unreplied", "replied" or "assured" of what has no states.
[[nodiscard]] std::string_view state_of(const TrackedConnection& connection);
/// "unreplied", "replied" or "assured" of all protocols.
[[nodiscard]] std::string_view progress_of(const TrackedConnection& connection);

/// What the kernel shall leave out of a listing by itself.
struct ConnectionSelection {
  std::optional<net::Family> family{};
  /// Those with (mark & mask) == value.
  struct Mark {
    std::uint32_t value = 0, mask = 0;
  };
  std::optional<Mark> mark{};
};

/// Calls `visit` with every live connection, as the kernel goes through its table: in no order, one that begins or ends
/// meanwhile perhaps, one that moves perhaps twice. Nothing is kept. `visit` gives false to end the listing. A kernel
/// that does not know a wish of the selection gives more than was wished.
[[nodiscard]] base::Result<void> list_connections(const ConnectionSelection& selection,
                                                  const std::function<bool(const TrackedConnection&)>& visit);

}  // namespace vuurmuur::apply
