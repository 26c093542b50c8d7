// SPDX-License-Identifier: GPL-2.0-or-later
#include "builder.h"

#include "base/strings.h"

namespace vuurmuur::test {

ByteVector hex(std::string_view text) {
  ByteVector bytes;
  std::string digits;
  for (const char c : text)
    if (c != ' ') digits += c;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(*base::parse_number<std::uint8_t>(std::string_view(digits).substr(i, 2), 16));
  return bytes;
}

ByteVector operator+(ByteVector a, const ByteVector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

ByteVector ipv4(std::uint8_t protocol, const ByteVector& payload) {
  ByteVector header = hex("45 00 0000 0000 4000 40 00 0000 cb007101 cb007102");
  const std::size_t total = header.size() + payload.size();
  header[2] = static_cast<std::uint8_t>(total >> 8);
  header[3] = static_cast<std::uint8_t>(total);
  header[9] = protocol;
  return std::move(header) + payload;
}

ByteVector ipv6(std::uint8_t next, const ByteVector& payload) {
  ByteVector header = hex(
      "60000000 0000 00 3f 20010db8000000000000000000000001"
      "20010db8000000000000000000000002");
  header[4] = static_cast<std::uint8_t>(payload.size() >> 8);
  header[5] = static_cast<std::uint8_t>(payload.size());
  header[6] = next;
  return std::move(header) + payload;
}

ByteVector tcp(std::uint16_t source, std::uint16_t destination, std::uint8_t flags) {
  ByteVector header(20);
  header[0] = static_cast<std::uint8_t>(source >> 8);
  header[1] = static_cast<std::uint8_t>(source);
  header[2] = static_cast<std::uint8_t>(destination >> 8);
  header[3] = static_cast<std::uint8_t>(destination);
  header[12] = 0x50;
  header[13] = flags;
  return header;
}

ByteVector attribute(std::uint16_t type, const ByteVector& value) {
  const auto length = static_cast<std::uint16_t>(value.size() + 4);
  ByteVector bytes(4);
  // Netlink is in the order of the machine.
  __builtin_memcpy(bytes.data(), &length, 2);
  __builtin_memcpy(bytes.data() + 2, &type, 2);
  bytes = std::move(bytes) + value;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

ByteVector attribute(std::uint16_t type, std::string_view text) {
  ByteVector value(text.begin(), text.end());
  value.push_back(0);
  return attribute(type, value);
}

ByteVector message(std::uint16_t group, const std::vector<ByteVector>& attributes) {
  ByteVector bytes{2, 0, static_cast<std::uint8_t>(group >> 8), static_cast<std::uint8_t>(group)};
  for (const ByteVector& each : attributes) bytes = std::move(bytes) + each;
  return bytes;
}

log::Entry ssh_entry() {
  log::Entry entry;
  entry.time = log::Time(std::chrono::seconds(1795474267)) + std::chrono::microseconds(123456);  // 2026-11-23 22:51:07
  entry.action = "DROP";
  entry.prefix = "in policy ";
  entry.names = {.service = "ssh", .from = "203.0.113.1", .to = "firewall(inet)", .from_zone = {}, .to_zone = {}};
  entry.in_device = "eth0";
  entry.source_mac = net::MacAddress::parse("3e:8e:9a:8a:8c:53");
  entry.destination_mac = net::MacAddress::parse("12:80:dc:14:4a:e9");
  entry.packet.source = *net::Address::parse("203.0.113.1");
  entry.packet.destination = *net::Address::parse("203.0.113.2");
  entry.packet.protocol = net::Protocol::Tcp;
  entry.packet.ports = log::Packet::Ports{49629, 22};
  entry.packet.tcp_flags = 2;
  entry.packet.length = 40;
  entry.packet.ttl = 64;
  entry.rule = {.identity = "k3v9f0wx", .label = "policy: no rule took the packet", .place = {}};
  return entry;
}

}  // namespace vuurmuur::test
