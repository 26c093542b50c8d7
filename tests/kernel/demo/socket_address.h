// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "net/address.h"

namespace vuurmuur::demo {

/// An address and port as the socket calls take and give it.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const net::Address& address, std::uint16_t port) {
    if (address.family == net::Family::Ipv4) {
      auto* to = reinterpret_cast<sockaddr_in*>(&storage_);
      to->sin_family = AF_INET;
      to->sin_port = htons(port);
      std::memcpy(&to->sin_addr, address.bytes.data(), 4);
      size_ = sizeof(sockaddr_in);
    } else {
      auto* to = reinterpret_cast<sockaddr_in6*>(&storage_);
      to->sin6_family = AF_INET6;
      to->sin6_port = htons(port);
      std::memcpy(&to->sin6_addr, address.bytes.data(), 16);
      size_ = sizeof(sockaddr_in6);
    }
  }

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const { return size_; }
  /// For calls that fill the address in.
  [[nodiscard]] socklen_t* room() { return &size_; }

  /// IPv4 addresses that an IPv6 socket shows as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2) as what they are.
  [[nodiscard]] net::Address address() const {
    net::Address address;
    if (storage_.ss_family == AF_INET) {
      std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr, 4);
      return address;
    }
    const auto* from = reinterpret_cast<const sockaddr_in6*>(&storage_);
    if (IN6_IS_ADDR_V4MAPPED(&from->sin6_addr)) {
      std::memcpy(address.bytes.data(), from->sin6_addr.s6_addr + 12, 4);
      return address;
    }
    address.family = net::Family::Ipv6;
    std::memcpy(address.bytes.data(), &from->sin6_addr, 16);
    return address;
  }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = sizeof(sockaddr_storage);
};

}  // namespace vuurmuur::demo
