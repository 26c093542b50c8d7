// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/netlink_talk.h"

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace vuurmuur::apply {
namespace {

/// The kernel fills a message of a listing up to 32 KB when the reader has shown that he takes so much
/// (netlink_dump() of net/netlink/af_netlink.c); answers to a batch are smaller.
constexpr std::size_t kReadSize = 64 * 1024;
constexpr int kReceiveBuffer = 4 << 20;

}  // namespace

NetlinkTalk::NetlinkTalk(mnl_socket* socket, const char* what) : socket_(socket), what_(what), received_(kReadSize) {}

void NetlinkTalk::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

base::Result<NetlinkTalk> NetlinkTalk::open(int bus, const char* what) {
  NetlinkTalk opened(mnl_socket_open2(bus, SOCK_CLOEXEC), what);
  if (!opened.socket_ || mnl_socket_bind(opened.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return base::system_error("open " + std::string(what), errno);
  // Room for answers, as much as one may have; and refusals without the request that they refuse.
  const int fd = mnl_socket_get_fd(opened.socket_.get());
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  int on = 1;
  mnl_socket_setsockopt(opened.socket_.get(), NETLINK_CAP_ACK, &on, sizeof on);
  return opened;
}

base::Result<void> NetlinkTalk::send(std::span<const char> messages) {
  ssize_t sent = -1;
  do sent = mnl_socket_sendto(socket_.get(), messages.data(), messages.size());
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return base::system_error("ask " + std::string(what_), errno);
  return {};
}

base::Result<void> NetlinkTalk::ask(std::span<const char> requests, const Visit& visit) {
  VM_TRY_VOID(send(requests));
  const int fd = mnl_socket_get_fd(socket_.get());
  for (;;) {
    const ssize_t got = ::recv(fd, received_.data(), received_.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return {};
    if (got < 0) return base::system_error("read answers of " + std::string(what_), errno);
    int left = static_cast<int>(got);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(received_.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left))
      visit(message);
  }
}

base::Result<void> NetlinkTalk::list(std::span<const char> request, const Visit& visit) {
  return list_while(request, [&](const nlmsghdr* message) {
    visit(message);
    return true;
  });
}

base::Result<void> NetlinkTalk::list_while(std::span<const char> request, const Take& take) {
  VM_TRY_VOID(send(request));
  const int fd = mnl_socket_get_fd(socket_.get());
  bool is_torn = false;
  for (;;) {
    const ssize_t got = ::recv(fd, received_.data(), received_.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::system_error("list " + std::string(what_), errno);
    int left = static_cast<int>(got);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(received_.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) is_torn = true;
      if (message->nlmsg_type == NLMSG_ERROR) {
        const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
        return base::system_error("list " + std::string(what_), -error->error);
      }
      if (message->nlmsg_type == NLMSG_DONE) {
        if (is_torn) return base::system_error("list " + std::string(what_), EINTR);
        return {};
      }
      if (!take(message)) return {};
    }
  }
}

}  // namespace vuurmuur::apply
