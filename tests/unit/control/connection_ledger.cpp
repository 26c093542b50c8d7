// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_ledger.h"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "support/catch.h"

using namespace vuurmuur::control;

TEST_CASE("notes of connections are kept as a map would keep them") {
  std::mt19937 random(20261126);
  ConnectionNotes notes;
  std::map<std::uint32_t, ConnectionNote> expected;
  for (int i = 0; i < 200'000; ++i) {
    // Few numbers, of which many share their last bits.
    const auto id = static_cast<std::uint32_t>((random() % 64) << 20 | random() % 16);
    if (random() % 2 == 0) {
      const ConnectionNote note{.second = static_cast<std::uint32_t>(random() % 1000),
                                .rule = static_cast<std::uint32_t>(random() % 3)};
      REQUIRE(notes.add(id, note) == expected.emplace(id, note).second);
    } else {
      const auto found = expected.find(id);
      const auto was = found == expected.end() ? std::nullopt : std::optional(found->second);
      REQUIRE(notes.remove(id) == was);
      if (was) expected.erase(found);
    }
    REQUIRE(notes.size() == expected.size());
  }
  for (const auto& [id, note] : expected) CHECK(notes.find(id) == note);
  std::size_t visited = 0;
  notes.for_each([&](std::uint32_t id, const ConnectionNote&) { visited += expected.contains(id) ? 1 : 0; });
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

TEST_CASE("the rule that admitted a connection is remembered until it ends, whatever is looked at") {
  ConnectionLedger ledger;
  ledger.begin(1, 100);
  ledger.set_rule(1, 7);
  ledger.set_rule(2, 8);  // there is none
  CHECK(ledger.end(2).rule == 0);
  ledger.begin(3, 100);
  ledger.begin_looking();
  ledger.set_rule(3, 9);  // before it is seen
  static_cast<void>(ledger.see(1));
  static_cast<void>(ledger.see(3));
  CHECK(ledger.see(4));
  ledger.set_rule(4, 10);
  // Told again while all are looked at.
  CHECK_FALSE(ledger.begin(1, 120));
  CHECK(ledger.end_looking() == 0);
  std::vector<std::uint32_t> rules;
  ledger.for_each_rule([&](std::uint32_t rule) { rules.push_back(rule); });
  std::ranges::sort(rules);
  CHECK(rules == std::vector<std::uint32_t>{7, 9, 10});
  CHECK(ledger.end(1).rule == 7);
  CHECK(ledger.end(3).rule == 9);
  CHECK(ledger.end(4).rule == 10);
}

TEST_CASE("a look that could not be ended forgets nothing") {
  ConnectionLedger ledger;
  for (const std::uint32_t id : {1u, 2u}) ledger.begin(id, 100);
  ledger.begin_looking();
  CHECK(ledger.see(3));
  CHECK(ledger.begin(4, 110));
  CHECK(ledger.end(2).was_known);
  ledger.stop_looking();
  CHECK_FALSE(ledger.is_looking());
  CHECK(ledger.size() == 3);
  CHECK(ledger.end(1).began == 100u);
  CHECK(ledger.end(4).began == 110u);
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
