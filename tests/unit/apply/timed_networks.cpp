// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/timed_networks.h"

#include <algorithm>
#include <map>
#include <random>

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

TimedElement network(const char* text, std::int64_t deadline) {
  return {.prefix = net::Prefix::parse(text)->network(), .deadline = deadline};
}

TimedSpan span(const char* first, const char* last, std::int64_t deadline) {
  return {.first = *net::Address::parse(first), .last = *net::Address::parse(last), .deadline = deadline};
}

std::vector<TimedElement> left_at(std::vector<TimedElement> networks, std::int64_t time) {
  std::erase_if(networks, [&](const TimedElement& e) { return e.deadline <= time; });
  return networks;
}

}  // namespace

TEST_CASE("a network that ends later than the one around it cuts that in pieces") {
  const std::vector networks{network("10.0.0.0/8", 5), network("10.1.0.0/16", 9), network("10.1.1.0/24", 7)};
  CHECK(flatten(networks) == std::vector{span("10.0.0.0", "10.0.255.255", 5), span("10.1.0.0", "10.1.255.255", 9),
                                         span("10.2.0.0", "10.255.255.255", 5)});
}

TEST_CASE("a network that ends earlier than the one around it changes nothing") {
  const std::vector networks{network("10.1.0.0/16", 3), network("10.0.0.0/8", 5), network("10.255.0.0/16", 5)};
  CHECK(flatten(networks) == std::vector{span("10.0.0.0", "10.255.255.255", 5)});
}

TEST_CASE("networks at the ends of all addresses are whole") {
  CHECK(flatten(std::vector{network("128.0.0.0/1", 1), network("255.255.255.0/24", 2), network("0.0.0.0/24", 3)}) ==
        std::vector{span("0.0.0.0", "0.0.0.255", 3), span("128.0.0.0", "255.255.254.255", 1),
                    span("255.255.255.0", "255.255.255.255", 2)});
  CHECK(flatten(std::vector{network("ffff::/16", 1), network("ffff:ffff::/32", 1)}) ==
        std::vector{span("ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1)});
  CHECK(flatten({}).empty());
}

TEST_CASE("spans say of every address the latest deadline of its networks, now and when some are over") {
  std::mt19937 generator(4);
  const auto random = [&] { return static_cast<unsigned>(generator()); };
  for (int round = 0; round < 3000; ++round) {
    // 256 addresses, so that all can be asked.
    std::map<net::Prefix, std::int64_t> chosen;
    for (unsigned count = random() % 12; count > 0; --count) {
      const net::Prefix prefix{.address = net::Address::ipv4(0xffffff00u | (random() & 0xffu)),
                               .length = static_cast<std::uint8_t>(24 + random() % 8)};
      chosen[prefix.network()] = 1 + static_cast<std::int64_t>(random() % 5);
    }
    std::vector<TimedElement> networks;
    for (const auto& [prefix, deadline] : chosen) networks.push_back({.prefix = prefix, .deadline = deadline});
    std::ranges::shuffle(networks, generator);
    const std::vector<TimedSpan> spans = flatten(networks);
    REQUIRE(std::ranges::is_sorted(spans));
    for (unsigned low = 0; low < 256; ++low) {
      const net::Address address = net::Address::ipv4(0xffffff00u | low);
      std::int64_t wanted = 0, found = 0;
      for (const TimedElement& e : networks)
        if (e.prefix.contains(address)) wanted = std::max(wanted, e.deadline);
      int holders = 0;
      for (const TimedSpan& s : spans)
        if (s.first <= address && address <= s.last) found = s.deadline, ++holders;
      REQUIRE(holders <= 1);
      REQUIRE(found == wanted);
    }
    for (std::int64_t time = 1; time < 5; ++time) {
      std::vector<TimedSpan> left = spans;
      std::erase_if(left, [&](const TimedSpan& s) { return s.deadline <= time; });
      REQUIRE(flatten(left_at(networks, time)) == left);
    }
  }
}
