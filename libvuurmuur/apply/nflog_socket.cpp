// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/nflog_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace vuurmuur::apply {
namespace {

/// What the kernel gathers records in (NFULNL_CFG_NLBUFSIZ), all of which counts as taken in the socket's buffer: with what
/// the kernel adds it is 32 KB, in which 64 records of 128 bytes find room.
constexpr std::uint32_t kMessageBytes = 31 * 1024;
constexpr std::size_t kReadSize = 128 * 1024;
constexpr int kAnswerMilliseconds = 2000;

/// One request NFULNL_MSG_CONFIG.
class Request {
 public:
  Request(std::uint8_t family, std::uint16_t group, std::uint32_t sequence) {
    header_ = mnl_nlmsg_put_header(buffer_.data());
    header_->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
    header_->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    header_->nlmsg_seq = sequence;
    auto* general = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header_, sizeof(nfgenmsg)));
    general->nfgen_family = family;
    general->version = NFNETLINK_V0;
    general->res_id = htons(group);
  }
  void command(std::uint8_t command) {
    const nfulnl_msg_config_cmd value{command};
    mnl_attr_put(header_, NFULA_CFG_CMD, sizeof value, &value);
  }
  void copy(std::uint32_t bytes) {
    nfulnl_msg_config_mode mode{};
    mode.copy_range = htonl(bytes);
    mode.copy_mode = NFULNL_COPY_PACKET;
    mnl_attr_put(header_, NFULA_CFG_MODE, sizeof mode, &mode);
  }
  void number(std::uint16_t attribute, std::uint32_t value) { mnl_attr_put_u32(header_, attribute, htonl(value)); }
  void flags(std::uint16_t flags) { mnl_attr_put_u16(header_, NFULA_CFG_FLAGS, htons(flags)); }

  [[nodiscard]] const nlmsghdr* message() const { return header_; }

 private:
  alignas(nlmsghdr) std::array<char, 256> buffer_{};
  nlmsghdr* header_;
};

/// Sends it and waits for the kernel's word; 0 or an errno. Records that come meanwhile are left: `numbers` tells later
/// that they are missing.
int configure(mnl_socket* socket, const Request& request) {
  if (mnl_socket_sendto(socket, request.message(), request.message()->nlmsg_len) < 0) return errno;
  std::vector<char> buffer(kReadSize);
  for (;;) {
    pollfd ready{.fd = mnl_socket_get_fd(socket), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kAnswerMilliseconds) == 0) return ETIMEDOUT;
    const ssize_t got = ::recv(mnl_socket_get_fd(socket), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOBUFS)) continue;
    if (got < 0) return errno;
    int left = static_cast<int>(got);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left))
      if (message->nlmsg_type == NLMSG_ERROR && message->nlmsg_seq == request.message()->nlmsg_seq)
        return -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error;
  }
}

}  // namespace

NflogSocket::NflogSocket(mnl_socket* socket) : socket_(socket), received_(kReadSize) {}

void NflogSocket::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

int NflogSocket::descriptor() const { return mnl_socket_get_fd(socket_.get()); }

base::Result<NflogSocket> NflogSocket::open(const Wishes& wishes) {
  const std::string doing = fmt::format("read NFLOG group {}", wishes.group);
  NflogSocket opened(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!opened.socket_ || mnl_socket_bind(opened.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return base::system_error(doing, errno);
  const int fd = opened.descriptor();
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wishes.receive_buffer, sizeof wishes.receive_buffer) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wishes.receive_buffer, sizeof wishes.receive_buffer);
  Request bind(AF_UNSPEC, wishes.group, 1);
  bind.command(NFULNL_CFG_CMD_BIND);
  if (const int error = configure(opened.socket_.get(), bind); error != 0) {
    if (error == EBUSY)
      return std::unexpected(base::Error{.message = doing + ": another program reads it already", .code = EBUSY});
    return base::system_error(doing, error);
  }
  Request how(AF_UNSPEC, wishes.group, 2);
  how.copy(wishes.copied);
  how.number(NFULA_CFG_NLBUFSIZ, kMessageBytes);
  how.number(NFULA_CFG_QTHRESH, wishes.gathered);
  how.number(NFULA_CFG_TIMEOUT, kTimeout);
  how.flags(NFULNL_CFG_F_SEQ);
  if (const int error = configure(opened.socket_.get(), how); error != 0) return base::system_error(doing, error);
  return opened;
}

base::Result<NflogSocket::Taken> NflogSocket::read(std::size_t datagrams, const Visit& visit) {
  Taken taken;
  for (std::size_t count = 0; count < datagrams; ++count) {
    const ssize_t got = ::recv(descriptor(), received_.data(), received_.size(), MSG_DONTWAIT);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        taken.is_empty = true;
        return taken;
      }
      if (errno != ENOBUFS) return base::system_error("read log records", errno);
      taken.was_lost = true;
      continue;
    }
    int left = static_cast<int>(got);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(received_.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET)) continue;
      ++taken.messages;
      visit({static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(message)), mnl_nlmsg_get_payload_len(message)});
    }
  }
  return taken;
}

}  // namespace vuurmuur::apply
