// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/packet.h"

#include "builder.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

TEST_CASE("a TCP packet is read to its flags") {
  const auto packet = log::read_packet(ipv4(6, tcp(49629, 22, 2)));
  REQUIRE(packet.has_value());
  CHECK(packet->source.to_string() == "203.0.113.1");
  CHECK(packet->destination.to_string() == "203.0.113.2");
  CHECK(packet->protocol == net::Protocol::Tcp);
  CHECK(packet->ports == log::Packet::Ports{49629, 22});
  CHECK(packet->tcp_flags == 2);
  CHECK(packet->length == 20);
  CHECK(packet->ttl == 64);
}

TEST_CASE("options of IPv4 and extension headers of IPv6 are passed over") {
  ByteVector with_options = ipv4(17, hex("01010101") + hex("1234 0035 0008 0000"));
  with_options[0] = 0x46;
  CHECK(log::read_packet(with_options)->ports == log::Packet::Ports{0x1234, 53});

  const ByteVector udp = hex("1234 0035 0008 0000");
  const ByteVector hop = hex("2b00 0104 00000000");                                          // then routing
  const ByteVector routing = hex("2c01 0400 00000000 0000000000000000");                     // then fragment
  const ByteVector fragment = hex("3300 0001 00000001");                                     // first one; then AH
  const ByteVector authentication = hex("3c02 0000 00000001 00000001 00000000");             // then destination
  const ByteVector destination = hex("1100 0104 00000000");                                  // then UDP
  const auto packet = log::read_packet(ipv6(0, hop + routing + fragment + authentication + destination + udp));
  REQUIRE(packet.has_value());
  CHECK(packet->protocol == net::Protocol::Udp);
  CHECK(packet->ports == log::Packet::Ports{0x1234, 53});
  CHECK_FALSE(packet->is_later_fragment);
  CHECK(packet->ttl == 63);
}

TEST_CASE("a later fragment has no ports, whatever it seems to hold") {
  ByteVector fragment = ipv4(6, tcp(1, 2, 2));
  fragment[7] = 3;
  const auto packet = log::read_packet(fragment);
  CHECK(packet->is_later_fragment);
  CHECK_FALSE(packet->ports.has_value());
  CHECK_FALSE(packet->tcp_flags.has_value());
  const auto sixth = log::read_packet(ipv6(44, hex("0600 0008 00000001") + tcp(1, 2, 2)));
  CHECK(sixth->is_later_fragment);
  CHECK(sixth->protocol == net::Protocol::Tcp);
  CHECK_FALSE(sixth->ports.has_value());
}

TEST_CASE("what was not copied is not made up") {
  const ByteVector whole = ipv6(0, hex("3a00 0104 00000000") + hex("8000 0000 0001 0001"));
  CHECK(log::read_packet(whole)->icmp == log::Packet::Icmp{128, 0});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto packet = log::read_packet(std::span(whole).first(size));
    CHECK(packet.has_value() == (size >= 40));
    if (packet && size < 50) CHECK_FALSE(packet->icmp.has_value());
  }
  CHECK_FALSE(log::read_packet(hex("ff00")).has_value());
  // A header that says it is longer than the packet, and one that says it is shorter than a header can be.
  ByteVector bad = ipv4(6, tcp(1, 2, 2));
  bad[0] = 0x4f;
  CHECK_FALSE(log::read_packet(bad)->ports.has_value());
  bad[0] = 0x41;
  CHECK_FALSE(log::read_packet(bad)->ports.has_value());
}

TEST_CASE("flags and protocols are written as the original does, and read back") {
  CHECK(log::tcp_flags_text(2) == "****S*");
  CHECK(log::tcp_flags_text(0x3f) == "UAPRSF");
  for (unsigned flags = 0; flags < 64; ++flags)
    CHECK(log::tcp_flags_from(log::tcp_flags_text(static_cast<std::uint8_t>(flags))) == flags);
  CHECK_FALSE(log::tcp_flags_from("SSSSSS").has_value());
  for (unsigned number = 0; number < 256; ++number) {
    const auto protocol = static_cast<net::Protocol>(number);
    CHECK(log::protocol_from(log::protocol_text(protocol)) == protocol);
  }
  CHECK(log::protocol_text(static_cast<net::Protocol>(132)) == "PROTO 132");
  CHECK_FALSE(log::protocol_from("PROTO 256").has_value());
}
