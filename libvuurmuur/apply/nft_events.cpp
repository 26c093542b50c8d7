// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_events.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "apply/nft_tables.h"
#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

/// Enough for the events of some 100,000 rules, where the kernel lets us.
constexpr int kReceiveSize = 64 << 20;

using Attributes = NftEvents::Attributes;

int note_attribute(const nlattr* attribute, void* data) {
  auto& attributes = *static_cast<Attributes*>(data);
  if (const std::size_t type = mnl_attr_get_type(attribute); type < attributes.size()) attributes[type] = attribute;
  return MNL_CB_OK;
}

std::string_view text_of(const nlattr* attribute) {
  return attribute == nullptr ? std::string_view() : std::string_view(mnl_attr_get_str(attribute));
}

/// The user's own chains in our table are his: "filter_PRE-VRMR-INPUT".
bool is_users_chain(std::string_view name) { return name.find("PRE-VRMR-") != std::string_view::npos; }

}  // namespace

void NftEvents::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

base::Result<NftEvents> NftEvents::open() {
  NftEvents events(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!events.socket_ || mnl_socket_bind(events.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return base::system_error("open the events of nf_tables", errno);
  const int fd = events.descriptor();
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveSize, sizeof kReceiveSize) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveSize, sizeof kReceiveSize);
  int group = NFNLGRP_NFTABLES;
  if (mnl_socket_setsockopt(events.socket_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
    return base::system_error("listen to the events of nf_tables", errno);
  return events;
}

int NftEvents::descriptor() const { return mnl_socket_get_fd(socket_.get()); }

std::string NftEvents::Counts::text() const {
  std::vector<std::string> parts;
  const auto add = [&](std::size_t count, std::string_view one, std::string_view many, std::string_view deed) {
    if (count != 0) parts.push_back(fmt::format("{} {} {}", count, count == 1 ? one : many, deed));
  };
  add(rules_added, "rule", "rules", "added");
  add(rules_removed, "rule", "rules", "removed");
  add(elements_added, "element of a set", "elements of sets", "added");
  add(elements_removed, "element of a set", "elements of sets", "removed");
  add(others_added, "other object", "other objects", "added");
  add(others_removed, "other object", "other objects", "removed");
  return base::join(parts, ", ");
}

void NftEvents::take(const nlmsghdr* message, News& news) {
  if (NFNL_SUBSYS_ID(message->nlmsg_type) != NFNL_SUBSYS_NFTABLES) return;
  const int type = NFNL_MSG_TYPE(message->nlmsg_type);
  Attributes attributes{};
  mnl_attr_parse(message, sizeof(nfgenmsg), note_attribute, &attributes);
  if (type == NFT_MSG_NEWGEN) {
    const Counts counts = std::exchange(counts_, {});
    if (counts.families.empty()) return;
    const nlattr* pid = attributes[NFTA_GEN_PROC_PID];
    news.changes.push_back({.pid = pid == nullptr ? 0 : ntohl(mnl_attr_get_u32(pid)),
                            .program = std::string(text_of(attributes[NFTA_GEN_PROC_NAME])),
                            .what = counts.text(),
                            .has_elements = counts.elements_added + counts.elements_removed != 0,
                            .has_rules = counts.rules_added + counts.rules_removed != 0,
                            .families = counts.families});
    return;
  }
  // NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE, NFTA_SET_TABLE… are all 1.
  const auto* general = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
  if (!is_own_nft_table(general->nfgen_family, text_of(attributes[NFTA_TABLE_NAME]))) return;
  std::size_t* const count = count_of(type, attributes);
  if (count == nullptr) return;
  ++*count;
  const net::Family family = general->nfgen_family == NFPROTO_IPV4 ? net::Family::Ipv4 : net::Family::Ipv6;
  if (std::ranges::find(counts_.families, family) == counts_.families.end()) counts_.families.push_back(family);
}

/// Where a message about something of our table counts; null when it does not.
std::size_t* NftEvents::count_of(int type, const Attributes& attributes) {
  switch (type) {
    case NFT_MSG_NEWRULE:
    case NFT_MSG_DELRULE:
      if (is_users_chain(text_of(attributes[NFTA_RULE_CHAIN]))) return nullptr;
      return type == NFT_MSG_NEWRULE ? &counts_.rules_added : &counts_.rules_removed;
    case NFT_MSG_NEWCHAIN:
    case NFT_MSG_DELCHAIN:
      if (is_users_chain(text_of(attributes[NFTA_CHAIN_NAME]))) return nullptr;
      return type == NFT_MSG_NEWCHAIN ? &counts_.others_added : &counts_.others_removed;
    case NFT_MSG_NEWSETELEM: return &counts_.elements_added;
    case NFT_MSG_DELSETELEM: return &counts_.elements_removed;
    case NFT_MSG_NEWTABLE:
    case NFT_MSG_NEWSET:
    case NFT_MSG_NEWOBJ: return &counts_.others_added;
    case NFT_MSG_DELTABLE:
    case NFT_MSG_DELSET:
    case NFT_MSG_DELOBJ: return &counts_.others_removed;
    default: return nullptr;
  }
}

base::Result<NftEvents::News> NftEvents::read() {
  News news;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::recv(descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return news;
      if (errno != ENOBUFS) return base::system_error("read the events of nf_tables", errno);
      news.was_lost = true;
      counts_ = {};
      continue;
    }
    int left = static_cast<int>(got);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left))
      take(message, news);
  }
}

}  // namespace vuurmuur::apply
