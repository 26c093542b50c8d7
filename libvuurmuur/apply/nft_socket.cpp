// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nft_socket.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "apply/table_errors.h"

namespace vuurmuur::apply {
namespace {

/// The kernel fills a message of a listing up to this size (netlink_dump() of net/netlink/af_netlink.c).
constexpr std::size_t kReadSize = 32768;
/// Room beside a transaction that the kernel wants in the send buffer (netlink_sendmsg(): size > sk_sndbuf - 32).
constexpr std::size_t kSendReserve = 64;
/// What answers may take: an error is some 100 bytes, and a transaction can have one for each message.
constexpr int kReceiveSize = 8 << 20;

std::string explanation_of(const nlmsghdr* header) {
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  // With NETLINK_CAP_ACK the refused message is not repeated behind the error.
  const std::size_t begin = sizeof(nlmsghdr) + sizeof(nlmsgerr);
  const auto* bytes = reinterpret_cast<const char*>(header);
  for (std::size_t at = begin; at + sizeof(nlattr) <= header->nlmsg_len;) {
    nlattr attribute;
    std::memcpy(&attribute, bytes + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > header->nlmsg_len) break;
    if ((attribute.nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG) {
      const std::size_t size = attribute.nla_len - sizeof attribute;
      return {bytes + at + sizeof attribute, ::strnlen(bytes + at + sizeof attribute, size)};
    }
    at += NLA_ALIGN(attribute.nla_len);
  }
  return {};
}

std::unexpected<base::Error> socket_error(std::string_view doing, int code) {
  if (code != EPERM) return base::system_error(doing, code);
  return std::unexpected(base::Error{.message = std::string(doing) + ": " + plain_reason(code), .code = code});
}

NftRefusal refusal(std::string_view doing, int code) {
  return {.error = socket_error(doing, code).error(), .faults = {}};
}

int visit_message(const nlmsghdr* header, void* data) {
  (*static_cast<const NftSocket::Visit*>(data))(header);
  return MNL_CB_OK;
}

}  // namespace

void NftSocket::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

base::Result<NftSocket> NftSocket::open() {
  NftSocket opened(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
  if (!opened.socket_ || mnl_socket_bind(opened.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return base::system_error("open nf_tables", errno);
  // Both only make errors better.
  int on = 1;
  mnl_socket_setsockopt(opened.socket_.get(), NETLINK_CAP_ACK, &on, sizeof on);
  mnl_socket_setsockopt(opened.socket_.get(), NETLINK_EXT_ACK, &on, sizeof on);
  return opened;
}

/// Without CAP_NET_ADMIN in the machine's first user namespace net.core.wmem_max is the limit.
void NftSocket::make_room(std::size_t size) {
  const int fd = mnl_socket_get_fd(socket_.get());
  const int wanted = static_cast<int>(std::min<std::size_t>(size + kSendReserve, INT32_MAX / 2));
  if (::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveSize, sizeof kReceiveSize) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveSize, sizeof kReceiveSize);
}

std::expected<void, NftRefusal> NftSocket::commit(std::span<const std::byte> transaction) {
  make_room(transaction.size());
  ssize_t sent = -1;
  do sent = mnl_socket_sendto(socket_.get(), transaction.data(), transaction.size());
  while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EMSGSIZE) {
    NftRefusal too_large = refusal("send " + std::to_string(transaction.size()) + " bytes to nf_tables", EMSGSIZE);
    too_large.error.message +=
        "; a transaction is one message, and without CAP_NET_ADMIN in the first user namespace it cannot be larger "
        "than "
        "twice net.core.wmem_max";
    return std::unexpected(std::move(too_large));
  }
  if (sent < 0) return std::unexpected(refusal("send rules to nf_tables", errno));
  return answers();
}

/// The kernel has worked on the transaction before sending it returns, and answers only what it refuses: when nothing
/// is there to be read, it is in force. Answers that did not fit (ENOBUFS) are refusals too.
std::expected<void, NftRefusal> NftSocket::answers() {
  NftRefusal refused;
  const int fd = mnl_socket_get_fd(socket_.get());
  std::vector<char> buffer(kReadSize);
  for (;;) {
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      if (errno != ENOBUFS) return std::unexpected(refusal("read what nf_tables says", errno));
      if (refused.error.code == 0) refused = refusal("load rules into nf_tables", ENOBUFS);
      continue;
    }
    int left = static_cast<int>(got);
    for (const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(header, left);
         header = mnl_nlmsg_next(header, &left)) {
      if (header->nlmsg_type != NLMSG_ERROR || header->nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr))) continue;
      const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header));
      if (error->error == 0) continue;
      refused.faults.push_back(
          {.sequence = header->nlmsg_seq, .code = -error->error, .explanation = explanation_of(header)});
    }
  }
  if (refused.faults.empty() && refused.error.code == 0) return {};
  if (!refused.faults.empty())
    refused.error = socket_error("load rules into nf_tables", refused.faults.front().code).error();
  return std::unexpected(std::move(refused));
}

base::Result<std::uint32_t> NftSocket::generation() {
  std::array<char, 256> buffer{};
  nlmsghdr* request = nftnl_nlmsg_build_hdr(buffer.data(), NFT_MSG_GETGEN, NFPROTO_UNSPEC, /*flags=*/0, ++sequence_);
  if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0)
    return socket_error("ask nf_tables for its generation", errno);
  std::optional<std::uint32_t> generation;
  const Visit read = [&](const nlmsghdr* header) {
    const auto each = [](const nlattr* attribute, void* data) {
      if (mnl_attr_get_type(attribute) == NFTA_GEN_ID)
        *static_cast<std::optional<std::uint32_t>*>(data) = ntohl(mnl_attr_get_u32(attribute));
      return MNL_CB_OK;
    };
    mnl_attr_parse(header, sizeof(nfgenmsg), each, &generation);
  };
  std::vector<char> answer(kReadSize);
  ssize_t got = -1;
  do got = mnl_socket_recvfrom(socket_.get(), answer.data(), answer.size());
  while (got < 0 && errno == EINTR);
  const bool is_read =
      got >= 0 && mnl_cb_run(answer.data(), static_cast<std::size_t>(got), sequence_,
                             mnl_socket_get_portid(socket_.get()), visit_message, const_cast<Visit*>(&read)) >= 0;
  if (!is_read || !generation) return socket_error("ask nf_tables for its generation", is_read ? EPROTO : errno);
  return *generation;
}

base::Result<void> NftSocket::list(nlmsghdr* request, const Visit& visit) {
  request->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0)
    return socket_error("list the rules of nf_tables", errno);
  std::vector<char> buffer(kReadSize);
  bool is_torn = false;
  for (;;) {
    const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return socket_error("list the rules of nf_tables", errno);
    // What is left of a torn listing is read all the same, or the next answer would be taken for it.
    bool is_done = false;
    int left = static_cast<int>(got);
    for (const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(header, left);
         header = mnl_nlmsg_next(header, &left)) {
      is_torn |= (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      is_done |= header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR;
    }
    if (is_torn && is_done) return socket_error("list the rules of nf_tables", EINTR);
    if (is_torn) continue;
    const int state = mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), sequence_,
                                 mnl_socket_get_portid(socket_.get()), visit_message, const_cast<Visit*>(&visit));
    if (state < 0) return socket_error("list the rules of nf_tables", errno);
    if (state == MNL_CB_STOP) return {};
  }
}

}  // namespace vuurmuur::apply
