// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_ledger.h"

#include <map>
#include <random>

#include "support/catch.h"

using namespace vuurmuur::control;

TEST_CASE("times of connections are kept as a map would keep them") {
  std::mt19937 random(20261126);
  ConnectionTimes times;
  std::map<std::uint32_t, std::uint32_t> expected;
  for (int i = 0; i < 200'000; ++i) {
    // Few numbers, of which many share their last bits.
    const auto id = static_cast<std::uint32_t>((random() % 64) << 20 | random() % 16);
    if (random() % 2 == 0) {
      const auto second = static_cast<std::uint32_t>(random() % 1000);
      REQUIRE(times.add(id, second) == expected.emplace(id, second).second);
    } else {
      const auto found = expected.find(id);
      const auto was = found == expected.end() ? std::nullopt : std::optional(found->second);
      REQUIRE(times.remove(id) == was);
      if (was) expected.erase(found);
    }
    REQUIRE(times.size() == expected.size());
  }
  for (const auto& [id, second] : expected) CHECK(times.find(id) == second);
  std::size_t visited = 0;
  times.for_each([&](std::uint32_t id) { visited += expected.contains(id) ? 1 : 0; });
  CHECK(visited == expected.size());
}

TEST_CASE("a connection is noted once, with when it began") {
  ConnectionLedger ledger;
  CHECK(ledger.begin(1, 100));
  CHECK_FALSE(ledger.begin(1, 101));
  const auto ended = ledger.end(1);
  CHECK(ended.was_known);
  CHECK(ended.began == 100u);
  CHECK_FALSE(ledger.end(1).was_known);
  CHECK(ledger.begin(1, 102));
}

TEST_CASE("looking finds what was missed") {
  ConnectionLedger ledger;
  for (const std::uint32_t id : {1u, 2u, 3u}) ledger.begin(id, 100);
  ledger.begin_looking();
  CHECK_FALSE(ledger.see(1));
  CHECK(ledger.see(9));  // its beginning was missed
  CHECK_FALSE(ledger.see(9));
  CHECK(ledger.end_looking() == 2);  // 2 and 3
  CHECK(ledger.size() == 2);
  CHECK(ledger.end(1).began == 100u);
  const auto missed = ledger.end(9);
  CHECK(missed.was_known);
  CHECK_FALSE(missed.began);
}

TEST_CASE("what begins and ends while all are looked at is neither missed nor told twice") {
  ConnectionLedger ledger;
  for (const std::uint32_t id : {1u, 2u}) ledger.begin(id, 100);
  ledger.begin_looking();
  // Begins, and then the listing comes to it.
  CHECK(ledger.begin(5, 120));
  CHECK_FALSE(ledger.see(5));
  // The listing has it, and its event comes later.
  CHECK(ledger.see(6));
  CHECK_FALSE(ledger.begin(6, 121));
  // Ends before the listing's message is read.
  CHECK(ledger.end(1).was_known);
  CHECK_FALSE(ledger.see(1));
  // Ends after it.
  CHECK_FALSE(ledger.see(2));
  CHECK(ledger.end(2).began == 100u);
  // Ends, and another with its number begins.
  CHECK(ledger.end(5).began == 120u);
  CHECK(ledger.begin(5, 122));
  CHECK(ledger.end_looking() == 0);
  CHECK(ledger.size() == 2);
  CHECK(ledger.end(5).began == 122u);
}
