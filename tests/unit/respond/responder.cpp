// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/responder.h"

#include <fmt/format.h>

#include "support/catch.h"

using namespace vuurmuur;
using namespace std::chrono_literals;
using respond::Alert;
using respond::Responder;
using Kind = respond::Decision::Kind;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000, kStart = 100 * kSecond;

Responder responder(std::string_view text, const std::vector<std::string>& never = {}) {
  diag::Sink sink;
  auto responses = respond::read_responses(text, diag::FileId{}, sink);
  REQUIRE_FALSE(sink.has_errors());
  std::vector<net::Prefix> prefixes;
  for (const std::string& each : never) prefixes.push_back(*net::Prefix::parse(each));
  return {std::move(responses), std::move(prefixes),
          [](const net::Address& address) { return address == *net::Address::parse("203.0.113.254"); }};
}

Alert alert(const std::string& source, std::uint32_t severity = 1, std::uint32_t signature = 7) {
  return {.source = *net::Address::parse(source),
          .destination = *net::Address::parse(source.contains(':') ? "2001:db8::1" : "192.0.2.1"),
          .signature = signature,
          .severity = severity,
          .message = {},
          .category = "Trojan"};
}

}  // namespace

TEST_CASE("the first statement that an alert meets is done") {
  Responder responds = responder(
      "ignore when signature 8\nblock destination for 10m when category \"TROJAN\" and severity 2\n"
      "block source for 1h when severity 1:2\n");
  CHECK(responds.decide(alert("203.0.113.9", 1, 8), kStart).kind == Kind::Ignored);
  CHECK(responds.decide(alert("203.0.113.9", 3), kStart).kind == Kind::Ignored);
  const auto worst = responds.decide(alert("203.0.113.9", 1), kStart);
  CHECK(worst.kind == Kind::Block);
  CHECK(worst.address.to_string() == "203.0.113.9");
  CHECK(worst.time == 1h);
  const auto second = responds.decide(alert("203.0.113.9", 2), kStart);
  CHECK(second.kind == Kind::Block);
  CHECK(second.address.to_string() == "192.0.2.1");
  CHECK(second.time == 10min);
}

TEST_CASE("some are never blocked: those of the list, this machine, and whoever is nobody") {
  Responder responds = responder("block source for 1h when any", {"192.0.2.0/24", "2001:db8:1::/48"});
  for (const char* address : {"192.0.2.7", "2001:db8:1::7", "203.0.113.254", "127.0.0.1", "0.0.0.0", "224.0.0.1",
                              "255.255.255.255", "::1", "::", "fe80::1", "ff02::1", "::ffff:203.0.113.1"}) {
    INFO(address);
    CHECK(responds.decide(alert(address), kStart).kind == Kind::Never);
  }
  CHECK(responds.decide(alert("192.0.3.7"), kStart).kind == Kind::Block);
  CHECK(responds.decide(alert("2001:db8:2::7"), kStart).kind == Kind::Block);
}

TEST_CASE("one who goes on is blocked anew, but not more than once a second, and never for less than he has") {
  Responder responds = responder("block source for 1m when severity 2\nblock source for 1h when severity 1\n");
  CHECK(responds.decide(alert("203.0.113.9"), kStart).kind == Kind::Block);
  CHECK(responds.decide(alert("203.0.113.9"), kStart + kSecond / 2).kind == Kind::Repeated);
  const auto again = responds.decide(alert("203.0.113.9", 2), kStart + 10 * kSecond);
  CHECK(again.kind == Kind::Block);
  CHECK(again.time == 1h - 10s);
  CHECK(responds.decide(alert("203.0.113.9", 1), kStart + 20 * kSecond).time == 1h);
  CHECK(responds.blocked() == 1);
}

TEST_CASE("so many at most, until the first of them is free again") {
  Responder responds = responder("at most 2 blocked\nblock source for 1m when any");
  responds.remember(*net::Address::parse("203.0.113.1"), 30s, kStart);
  CHECK(responds.decide(alert("203.0.113.2"), kStart).kind == Kind::Block);
  CHECK(responds.decide(alert("203.0.113.3"), kStart).kind == Kind::TooMany);
  CHECK(responds.decide(alert("203.0.113.1"), kStart + kSecond).kind == Kind::Block);  // he is among them
  CHECK(responds.decide(alert("203.0.113.3"), kStart + 60 * kSecond).kind == Kind::Block);
  CHECK(responds.blocked() == 2);
}

TEST_CASE("so many a second at most") {
  Responder responds = responder("at most 10 a second\nblock source for 1h when any");
  int blocked = 0;
  for (int i = 0; i < 1000; ++i)
    if (responds.decide(alert(fmt::format("203.0.{}.{}", i / 200, 1 + i % 200)), kStart + i * kSecond / 1000).kind ==
        Kind::Block)
      ++blocked;
  CHECK(blocked >= 19);
  CHECK(blocked <= 20);
}

TEST_CASE("who is led to a bait can be blocked later, but who is blocked is not led anywhere") {
  Responder responds = responder("bait source to trap.net.dmz for 1h when severity 2\nblock source for 10m when any\n");
  const auto baited = responds.decide(alert("203.0.113.9", 2), kStart);
  CHECK(baited.kind == Kind::Bait);
  CHECK(*baited.response->bait == "trap.net.dmz");
  CHECK(baited.time == 1h);
  CHECK(responds.decide(alert("203.0.113.9", 2), kStart + kSecond / 2).kind == Kind::Repeated);
  const auto blocked = responds.decide(alert("203.0.113.9", 1), kStart + kSecond / 2);
  CHECK(blocked.kind == Kind::Block);
  CHECK(blocked.time == 10min);
  CHECK(responds.decide(alert("203.0.113.9", 2), kStart + 5 * kSecond).kind == Kind::Repeated);
  responds.remember(*net::Address::parse("203.0.113.10"), 1min, kStart, "trap.net.dmz");
  CHECK(responds.decide(alert("203.0.113.10", 2), kStart).kind == Kind::Bait);
}
