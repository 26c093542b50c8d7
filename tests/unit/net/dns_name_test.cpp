// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/dns_name.h"

#include "support/catch.h"

using vuurmuur::net::parse_dns_name;

TEST_CASE("names of hosts are read, and compared without case and final dot") {
  CHECK(parse_dns_name("name.example") == "name.example");
  CHECK(parse_dns_name("WWW.Example.COM.") == "www.example.com");
  CHECK(parse_dns_name("printer.") == "printer");
  CHECK(parse_dns_name("_sip._tcp.example") == "_sip._tcp.example");
  CHECK(parse_dns_name("1.example") == "1.example");
  CHECK(parse_dns_name(std::string(63, 'a') + ".example"));
  const std::string long_name = std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + ".";
  CHECK(parse_dns_name(long_name + std::string(61, 'd')));
  CHECK_FALSE(parse_dns_name(long_name + std::string(62, 'd')));
}

TEST_CASE("addresses that are written wrong are no names, nor is anything else") {
  for (const char* bad : {"", ".", "..", "printer", "dynamic", "192.0.2.300", "192.0.2", "1.2.3.4.5", "a..b", ".a.b", "-a.b",
                          "a-.b", "a b.c", "a/b.c", "::1", "2001:db8::1.example", "\xc3\xa4.example", "a.b\n"})
    CHECK_FALSE(parse_dns_name(bad));
  CHECK_FALSE(parse_dns_name(std::string(64, 'a') + ".example"));
  CHECK_FALSE(parse_dns_name(std::string(1'000'000, '.')));
}
