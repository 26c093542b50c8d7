// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <poll.h>

#include <optional>

#include "helpers/firewall.h"
#include "helpers/udp.h"
#include "support/catch.h"

namespace vuurmuur::test {

/// Bytes of a datagram of IPv4 with one byte in it.
inline constexpr std::uint64_t kDatagram = 20 + 8 + 1;

/// So many datagrams from the peer that each begin a connection, and no others; all of them have come when it returns.
inline void send_exactly(const Firewall& firewall, int count) {
  const UdpSocket to("192.0.2.1");
  for (int i = 0; i < count; ++i) {
    std::optional<UdpSocket> from;
    {
      const lab::Inside inside(firewall.peer());
      from.emplace("192.0.2.2");
    }
    REQUIRE(::sendto(from->fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to.name), to.size) == 1);
    pollfd ready{.fd = to.fd.get(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&ready, 1, 5000) == 1);
    char byte = 0;
    REQUIRE(::recv(to.fd.get(), &byte, 1, 0) == 1);
  }
}

/// Lets the two find each other, which takes some datagrams or other.
inline void warm_up(const Firewall& firewall) {
  std::optional<UdpSocket> from;
  {
    const lab::Inside inside(firewall.peer());
    from.emplace("192.0.2.2");
  }
  REQUIRE(arrives(*from, UdpSocket("192.0.2.1"), 40));
}

}  // namespace vuurmuur::test
