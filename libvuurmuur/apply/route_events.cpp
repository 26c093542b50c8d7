// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/route_events.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace vuurmuur::apply {

base::Result<base::UniqueFd> open_route_events() {
  base::UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) return base::system_error("watch devices and addresses", errno);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return base::system_error("watch devices and addresses", errno);
  return fd;
}

void drain_route_events(int fd) {
  std::array<char, 32768> events;
  // What an event says is read anew anyway; those that did not fit (ENOBUFS) are events too.
  for (;;) {
    if (::recv(fd, events.data(), events.size(), MSG_DONTWAIT) > 0) continue;
    if (errno != EINTR && errno != ENOBUFS) return;
  }
}

}  // namespace vuurmuur::apply
