// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/packet.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::lab;

namespace {

net::Address address(const char* text) { return *net::Address::parse(text); }

}  // namespace

TEST_CASE("a packet decodes to what was encoded") {
  Packet packet;
  SECTION("TCP over IPv4") {
    packet.source = address("10.1.0.10");
    packet.destination = address("10.3.0.11");
    packet.protocol = net::Protocol::Tcp;
    packet.source_port = 40000;
    packet.destination_port = 80;
    packet.tcp_flags = 0x12;
    packet.sequence = 0xfffffffe;
    packet.acknowledgement = 77;
    CHECK(packet.to_string() == "tcp 10.1.0.10:40000 > 10.3.0.11:80 [SA]");
  }
  SECTION("UDP over IPv6") {
    packet.source = address("fd00:1::10");
    packet.destination = address("2001:db8::1");
    packet.protocol = net::Protocol::Udp;
    packet.source_port = 1;
    packet.destination_port = 65535;
    packet.payload = {1, 2, 3};
    CHECK(packet.to_string() == "udp fd00:1::10:1 > 2001:db8::1:65535");
  }
  SECTION("echo over IPv6") {
    packet.source = address("fd00:1::10");
    packet.destination = address("2001:db8::1");
    packet.protocol = net::Protocol::Icmpv6;
    packet.icmp_type = 128;
    packet.icmp_id = 513;
    packet.icmp_sequence = 2;
  }
  const auto read = decode(encode(packet));
  REQUIRE(read);
  CHECK(read->to_string() == packet.to_string());
  CHECK(read->sequence == packet.sequence);
  CHECK(read->acknowledgement == packet.acknowledgement);
  CHECK(read->icmp_id == packet.icmp_id);
  CHECK(read->icmp_sequence == packet.icmp_sequence);
  CHECK(read->payload == packet.payload);
}

TEST_CASE("what is cut off is no packet") {
  Packet packet;
  packet.source = address("10.1.0.10");
  packet.destination = address("10.3.0.11");
  packet.protocol = net::Protocol::Tcp;
  const Bytes whole = encode(packet);
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK(!decode(std::span(whole).first(size)));
}
