// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>

#include <array>
#include <cerrno>

#include "apply/netlink_talk.h"
#include "base/strings.h"
#include "doctor/kernel_findings.h"

namespace vuurmuur::doctor {
namespace {

/// Binds a queue, as a program that listens does; it is let go with the socket.
bool can_listen() {
  auto talk = apply::NetlinkTalk::open(NETLINK_NETFILTER, "NFQUEUE");
  if (!talk) return false;
  alignas(nlmsghdr) std::array<char, 256> room{};
  nlmsghdr* header = mnl_nlmsg_put_header(room.data());
  header->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG;
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  header->nlmsg_seq = talk->next_sequence();
  auto* general = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
  general->version = NFNETLINK_V0;
  const nfqnl_msg_config_cmd command{.command = NFQNL_CFG_CMD_BIND, ._pad = 0, .pf = 0};
  mnl_attr_put(header, NFQA_CFG_CMD, sizeof command, &command);
  bool is_bound = false;
  const auto asked = talk->ask({room.data(), header->nlmsg_len}, [&](const nlmsghdr* answer) {
    if (answer->nlmsg_type == NLMSG_ERROR)
      is_bound = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error == 0;
  });
  return asked && is_bound;
}

std::optional<std::uint64_t> number(apply::Kernel& kernel, const std::string& path) {
  const auto text = kernel.read_setting(path);
  return text ? base::parse_number<std::uint64_t>(base::trim(*text)) : std::nullopt;
}

bool is_on(apply::Kernel& kernel, const std::string& path) { return number(kernel, path).value_or(0) != 0; }

}  // namespace

KernelFacts read_kernel_facts(apply::Kernel& kernel, bool is_in_nft, bool nft_queue) {
  KernelFacts facts;
  const auto tried = kernel.in_scratch_namespace([&] {
    facts.has_queue_target =
        is_in_nft ? nft_queue
                  : kernel.supports(net::Family::Ipv4, {.is_target = true, .name = "NFQUEUE", .revision = 3});
    facts.has_queue_socket = can_listen();
  });
  if (!tried) facts.untried = tried.error().message;
  facts.connections = number(kernel, "net/netfilter/nf_conntrack_count");
  facts.most_connections = number(kernel, "net/netfilter/nf_conntrack_max");
  if (const auto accounting = number(kernel, "net/netfilter/nf_conntrack_acct"))
    facts.counts_connections = *accounting != 0;
  facts.assigns_helpers = is_on(kernel, "net/netfilter/nf_conntrack_helper");
  return facts;
}

}  // namespace vuurmuur::doctor
