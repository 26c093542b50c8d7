// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "base/unique_fd.h"
#include "net/address.h"
#include "support/catch.h"

namespace vuurmuur::test {

/// A UDP socket of the namespace that the thread is in, on an address and a port, or one that the kernel chooses.
struct UdpSocket {
  explicit UdpSocket(const std::string& at, std::uint16_t port = 0) {
    const auto address = net::Address::parse(at);
    REQUIRE(address);
    const bool is_ipv4 = address->family == net::Family::Ipv4;
    fd.reset(::socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    auto* ipv4 = reinterpret_cast<sockaddr_in*>(&name);
    auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&name);
    name.ss_family = is_ipv4 ? AF_INET : AF_INET6;
    std::memcpy(is_ipv4 ? static_cast<void*>(&ipv4->sin_addr) : &ipv6->sin6_addr, address->bytes.data(),
                is_ipv4 ? 4 : 16);
    (is_ipv4 ? ipv4->sin_port : ipv6->sin6_port) = htons(port);
    size = is_ipv4 ? sizeof *ipv4 : sizeof *ipv6;
    REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0);
    REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size) == 0);
  }
  base::UniqueFd fd;
  sockaddr_storage name{};
  socklen_t size = 0;
};

/// Whether a packet of a new connection arrives. Sent again and again for a while, a tenth of a second each, because
/// neighbours have to be found; the kernel asks for one again after a second only.
inline bool arrives(const UdpSocket& from, const UdpSocket& to, int most_tries = 4) {
  pollfd ready{.fd = to.fd.get(), .events = POLLIN, .revents = 0};
  for (int tries = 0; tries < most_tries; ++tries) {
    static_cast<void>(::sendto(from.fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to.name), to.size));
    if (::poll(&ready, 1, 100) > 0) return true;
  }
  return false;
}

}  // namespace vuurmuur::test
