// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/conntrack_table.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include <algorithm>

#include "apply/conntrack_messages.h"
#include "apply/netlink_talk.h"

namespace vuurmuur::apply {

base::Result<std::vector<LiveConnection>> read_connections() {
  NetlinkTalk conntrack = VM_TRY(NetlinkTalk::open(NETLINK_NETFILTER, "live connections"));
  std::vector<LiveConnection> connections;
  const auto keep = [&](const nlmsghdr* message) {
    if (auto connection = decode_connection(message)) connections.push_back(*std::move(connection));
  };
  VM_TRY_VOID(conntrack.list(listing_request(conntrack.next_sequence()), keep));
  return connections;
}

base::Result<std::vector<int>> change_connections(std::span<const ConnectionChange> changes) {
  NetlinkTalk conntrack = VM_TRY(NetlinkTalk::open(NETLINK_NETFILTER, "live connections"));
  std::vector<int> answers(changes.size(), 0);
  std::vector<char> batch;
  for (std::size_t begin = 0; begin < changes.size(); begin += NetlinkTalk::kBatch) {
    const std::size_t end = std::min(begin + NetlinkTalk::kBatch, changes.size());
    batch.clear();
    // The sequence number of a request is its place in `changes`, and one: 0 is nobody's.
    for (std::size_t i = begin; i < end; ++i) append_change(batch, changes[i], static_cast<std::uint32_t>(i + 1));
    const auto refusals = [&](const nlmsghdr* message) {
      if (message->nlmsg_type != NLMSG_ERROR || message->nlmsg_seq == 0 || message->nlmsg_seq > answers.size()) return;
      answers[message->nlmsg_seq - 1] = -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error;
    };
    VM_TRY_VOID(conntrack.ask(batch, refusals));
  }
  return answers;
}

}  // namespace vuurmuur::apply
