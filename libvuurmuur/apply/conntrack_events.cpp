// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/conntrack_events.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <utility>

#include "apply/conntrack_messages.h"

namespace vuurmuur::apply {
namespace {

base::Result<NetlinkSocket> open_socket(const char* doing) {
  NetlinkSocket socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) return base::system_error(doing, errno);
  return socket;
}

/// What one recv() gives: the number of bytes, 0 when there is nothing, or minus an errno.
ssize_t receive(int fd, std::vector<char>& buffer) {
  for (;;) {
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got >= 0) return got;
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
  }
}

/// How many messages the kernel had no room for since the socket is there; nothing when it does not say (before 4.12).
std::optional<std::uint32_t> dropped_by(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
  socklen_t size = sizeof numbers;
  if (::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, numbers.data(), &size) != 0 ||
      size <= SK_MEMINFO_DROPS * sizeof numbers[0])
    return std::nullopt;
  return numbers[SK_MEMINFO_DROPS];
}

}  // namespace

void CloseNetlink::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

base::Result<ConntrackEvents> ConntrackEvents::open(Wanted wanted, int receive_buffer) {
  constexpr const char* kDoing = "listen to what becomes of connections";
  NetlinkSocket socket = VM_TRY(open_socket(kDoing));
  const int fd = mnl_socket_get_fd(socket.get());
  // The second, which needs more rights, has no limit.
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
  const auto join = [&](int group) {
    return mnl_socket_setsockopt(socket.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
  };
  if ((wanted.begun && !join(NFNLGRP_CONNTRACK_NEW)) || (wanted.ended && !join(NFNLGRP_CONNTRACK_DESTROY)))
    return base::system_error(kDoing, errno);
  return ConntrackEvents(std::move(socket));
}

int ConntrackEvents::descriptor() const { return mnl_socket_get_fd(socket_.get()); }

base::Result<ConntrackEvents::News> ConntrackEvents::read(std::size_t at_most, const Visit& visit) {
  News news;
  bool was_told = false;  // that something was lost; the kernel does so once, and counts on until the socket is empty
  while (news.events < at_most) {
    const ssize_t got = receive(descriptor(), buffer_);
    if (got == 0) break;
    if (got == -ENOBUFS) {
      was_told = true;
      continue;
    }
    if (got < 0) return base::system_error("read what becomes of connections", static_cast<int>(-got));
    int left = static_cast<int>(got);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data()); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      if (NFNL_SUBSYS_ID(message->nlmsg_type) != NFNL_SUBSYS_CTNETLINK) continue;
      ++news.events;
      const auto connection = decode_tracked(message);
      if (!connection) continue;
      visit(NFNL_MSG_TYPE(message->nlmsg_type) == IPCTNL_MSG_CT_DELETE ? What::Ended : What::Begun, *connection);
    }
  }
  news.is_all = news.events < at_most;
  const std::uint32_t dropped = dropped_by(descriptor()).value_or(was_told ? dropped_ + 1 : dropped_);
  news.lost = dropped - std::exchange(dropped_, dropped);
  return news;
}

bool conntrack_events_are_off() {
  int value = 1;
  std::ifstream("/proc/sys/net/netfilter/nf_conntrack_events") >> value;
  return value == 0;
}

base::Result<ConntrackListing> ConntrackListing::begin(const ConnectionSelection& selection) {
  constexpr const char* kDoing = "list live connections";
  NetlinkSocket socket = VM_TRY(open_socket(kDoing));
  const std::vector<char> request = listing_request(1, selection);
  if (mnl_socket_sendto(socket.get(), request.data(), request.size()) < 0) return base::system_error(kDoing, errno);
  return ConntrackListing(std::move(socket));
}

int ConntrackListing::descriptor() const { return mnl_socket_get_fd(socket_.get()); }

base::Result<bool> ConntrackListing::read(const std::function<void(const TrackedConnection&)>& visit) {
  const ssize_t got = receive(descriptor(), buffer_);
  if (got < 0) return base::system_error("list live connections", static_cast<int>(-got));
  int left = static_cast<int>(got);
  for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data()); mnl_nlmsg_ok(message, left);
       message = mnl_nlmsg_next(message, &left)) {
    if (message->nlmsg_type == NLMSG_ERROR)
      return base::system_error("list live connections",
                                -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error);
    if (message->nlmsg_type == NLMSG_DONE) return false;
    if (const auto connection = decode_tracked(message)) visit(*connection);
  }
  return true;
}

}  // namespace vuurmuur::apply
