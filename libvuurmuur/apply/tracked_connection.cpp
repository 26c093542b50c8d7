// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/tracked_connection.h"

#include <linux/netfilter/nf_conntrack_common.h>

#include <array>

#include "apply/conntrack_messages.h"
#include "apply/netlink_talk.h"

namespace vuurmuur::apply {
namespace {

/// By TCP_CONNTRACK_*.
constexpr std::array<std::string_view, 10> kTcpStates{"none",     "syn_sent",   "syn_recv", "established",
                                                      "fin_wait", "close_wait", "last_ack", "time_wait",
                                                      "close",    "syn_sent2"};

}  // namespace

bool TrackedConnection::has_reply() const { return (status & IPS_SEEN_REPLY) != 0; }
bool TrackedConnection::is_assured() const { return (status & IPS_ASSURED) != 0; }

std::string_view progress_of(const TrackedConnection& connection) {
  if (!connection.has_reply()) return "unreplied";
  return connection.is_assured() ? "assured" : "replied";
}

std::string_view state_of(const TrackedConnection& connection) {
  if (connection.tcp_state && *connection.tcp_state < kTcpStates.size()) return kTcpStates[*connection.tcp_state];
  return progress_of(connection);
}

base::Result<void> list_connections(const ConnectionSelection& selection,
                                    const std::function<bool(const TrackedConnection&)>& visit) {
  NetlinkTalk conntrack = VM_TRY(NetlinkTalk::open(NETLINK_NETFILTER, "live connections"));
  const auto take = [&](const nlmsghdr* message) {
    const auto connection = decode_tracked(message);
    return !connection || visit(*connection);
  };
  return conntrack.list_while(listing_request(conntrack.next_sequence(), selection), take);
}

}  // namespace vuurmuur::apply
