// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/entry.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace vuurmuur::log {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end.ptr);
}

void append_address(std::string& out, const net::Address& address) {
  if (address.family == net::Family::Ipv4) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i != 0) out += '.';
      append_number(out, address.bytes[i]);
    }
    return;
  }
  std::array<char, INET6_ADDRSTRLEN> text;
  if (::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size()) != nullptr) out += text.data();
}

void append_unnamed_service(std::string& out, const Packet& packet) {
  if (packet.ports) {
    append_number(out, packet.ports->source);
    out += "->";
    append_number(out, packet.ports->destination);
  } else if (packet.icmp) {
    append_number(out, packet.icmp->type);
    out += '/';
    append_number(out, packet.icmp->code);
  }
  out += '(';
  out += net::to_string(packet.protocol);
  out += ')';
}

void NoNames::name(const Packet& packet, std::string_view, std::string_view, Names& names) const {
  names.service.clear();
  names.from.clear();
  names.to.clear();
  names.from_zone.clear();
  names.to_zone.clear();
  append_unnamed_service(names.service, packet);
  append_address(names.from, packet.source);
  append_address(names.to, packet.destination);
}

}  // namespace vuurmuur::log
