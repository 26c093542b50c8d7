// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/ports.h"

#include <fmt/format.h>

namespace vuurmuur::net {

std::string PortRange::to_string() const {
  return first == last ? fmt::format("{}", first) : fmt::format("{}:{}", first, last);
}

std::string to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::Icmp: return "icmp";
    case Protocol::Tcp: return "tcp";
    case Protocol::Udp: return "udp";
    case Protocol::Ipv6: return "ipv6";
    case Protocol::Gre: return "gre";
    case Protocol::Esp: return "esp";
    case Protocol::Ah: return "ah";
    case Protocol::Icmpv6: return "ipv6-icmp";
  }
  return fmt::format("{}", static_cast<unsigned>(protocol));
}

}  // namespace vuurmuur::net
