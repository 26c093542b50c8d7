// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/address.h"

#include "net/ports.h"
#include "support/catch.h"

using namespace vuurmuur::net;

TEST_CASE("addresses are read strictly and written in their canonical form") {
  CHECK(Address::parse("192.0.2.1")->to_string() == "192.0.2.1");
  CHECK(Address::parse("2001:DB8:0:0::1")->to_string() == "2001:db8::1");
  CHECK(Address::parse("::ffff:192.0.2.1")->to_string() == "::ffff:192.0.2.1");
  for (const char* bad :
       {"", "192.0.2", "192.0.2.256", "192.0.2.1 ", "01.2.3.4", "1.2.3.4/8", "2001:db8", "::g", "1::2::3"})
    CHECK_FALSE(Address::parse(bad));
  CHECK_FALSE(Address::parse(std::string(100000, '1')));
  CHECK(Address::ipv4(0xC0000201).to_string() == "192.0.2.1");
  CHECK(Address::parse("192.0.2.1")->to_ipv4() == 0xC0000201);
  CHECK(Address::parse("::1")->to_ipv4() == 0);
}

TEST_CASE("prefixes are read with a length, a netmask or alone") {
  CHECK(Prefix::parse("192.0.2.0/24")->to_string() == "192.0.2.0/24");
  CHECK(Prefix::parse("192.0.2.0/255.255.255.0")->to_string() == "192.0.2.0/24");
  CHECK(Prefix::parse("192.0.2.1")->to_string() == "192.0.2.1/32");
  CHECK(Prefix::parse("2001:db8::/32")->to_string() == "2001:db8::/32");
  CHECK(Prefix::parse("::1")->length == 128);
  for (const char* bad : {"192.0.2.0/33", "2001:db8::/129", "192.0.2.0/", "192.0.2.0/255.0.255.0",
                          "2001:db8::/255.0.0.0", "/24", "1.2.3.4/-1"})
    CHECK_FALSE(Prefix::parse(bad));
}

TEST_CASE("a prefix knows its network, mask, last address and members") {
  const Prefix prefix = *Prefix::parse("192.0.2.77/26");
  CHECK(prefix.network().to_string() == "192.0.2.64/26");
  CHECK(prefix.netmask().to_string() == "255.255.255.192");
  CHECK(prefix.last().to_string() == "192.0.2.127");
  CHECK(prefix.contains(*Address::parse("192.0.2.64")));
  CHECK_FALSE(prefix.contains(*Address::parse("192.0.2.63")));
  CHECK_FALSE(prefix.contains(*Address::parse("::1")));
  CHECK(prefix.contains(*Prefix::parse("192.0.2.96/27")));
  CHECK_FALSE(prefix.contains(*Prefix::parse("192.0.2.0/24")));
  const Prefix any6 = *Prefix::parse("::/0");
  CHECK(any6.is_any());
  CHECK(any6.contains(*Address::parse("2001:db8::1")));
  CHECK(any6.last().to_string() == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  CHECK(Prefix::parse("2001:db8::1/61")->network().to_string() == "2001:db8::/61");
}

TEST_CASE("every netmask length is its own inverse, masks with holes are none") {
  for (std::uint8_t length = 0; length <= 32; ++length)
    CHECK(netmask_length(Prefix{Address{}, length}.netmask()) == length);
  CHECK_FALSE(netmask_length(*Address::parse("255.0.255.0")));
  CHECK_FALSE(netmask_length(*Address::parse("0.0.0.1")));
  CHECK_FALSE(netmask_length(*Address::parse("::")));
}

TEST_CASE("Ethernet addresses have six bytes of two digits") {
  CHECK(MacAddress::parse("00:11:22:AA:bb:cc")->to_string() == "00:11:22:aa:bb:cc");
  for (const char* bad : {"", "00:11:22:aa:bb", "00:11:22:aa:bb:cc:dd", "0:11:22:aa:bb:cc", "00-11-22-aa-bb-cc",
                          "00:11:22:aa:bb:gg", "00:11:22:aa:bb:+1"})
    CHECK_FALSE(MacAddress::parse(bad));
}

TEST_CASE("ports and protocols are written as iptables does") {
  CHECK(PortRange{80, 90}.to_string() == "80:90");
  CHECK(PortRange::one(80).to_string() == "80");
  CHECK(PortRange::any().is_any());
  CHECK(PortRange{80, 90}.contains(90));
  CHECK_FALSE(PortRange{80, 90}.contains(91));
  CHECK(to_string(Protocol::Tcp) == "tcp");
  CHECK(to_string(Protocol::Icmpv6) == "ipv6-icmp");
  CHECK(to_string(static_cast<Protocol>(132)) == "132");
  CHECK(has_ports(Protocol::Udp));
  CHECK_FALSE(has_ports(Protocol::Icmp));
}
