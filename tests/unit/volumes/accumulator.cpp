// SPDX-License-Identifier: GPL-2.0-or-later
#include "volumes/accumulator.h"

#include <map>
#include <random>

#include "support/catch.h"

using namespace vuurmuur::volumes;

namespace {

const Subject kWeb{Kind::Rule, "accept http from inet to dmz"}, kSsh{Kind::Rule, "drop ssh from inet to firewall"},
    kPair{Kind::Zone, "inet to dmz"}, kEth{Kind::Interface, "eth0"};

Pair pair(std::uint64_t packets, std::uint64_t bytes, std::uint64_t packets6 = 0, std::uint64_t bytes6 = 0) {
  return {.first = {packets, bytes}, .second = {packets6, bytes6}};
}

Reading reading(const Subject& subject, Pair counts, std::vector<Subject> also = {}) {
  return {.subject = subject, .counts = counts, .also = std::move(also)};
}

/// One that has begun, with nothing.
Accumulator begun() {
  Accumulator accumulator;
  accumulator.take({}, 1);
  return accumulator;
}

void take(Accumulator& accumulator, const std::vector<Reading>& readings, std::int64_t time) {
  accumulator.take(readings, time);
}

}  // namespace

TEST_CASE("what was counted is what a counter grew by, also for those that it counts for") {
  Accumulator accumulator = begun();
  take(accumulator, {reading(kWeb, pair(10, 600, 1, 80), {kPair})}, 100);
  take(accumulator, {reading(kWeb, pair(12, 720, 1, 80), {kPair})}, 160);
  const Entry* web = accumulator.find(kWeb);
  REQUIRE(web != nullptr);
  CHECK(web->fresh == pair(12, 720, 1, 80));
  CHECK(web->total == web->fresh);
  CHECK(web->since == 100);
  CHECK(web->hit == 160);
  REQUIRE(accumulator.find(kPair) != nullptr);
  CHECK(accumulator.find(kPair)->fresh == web->fresh);
  accumulator.note_written();
  CHECK(accumulator.find(kWeb)->fresh.is_zero());
  CHECK(accumulator.find(kWeb)->total == pair(12, 720, 1, 80));
  take(accumulator, {reading(kWeb, pair(12, 720, 1, 80), {kPair})}, 220);
  CHECK_FALSE(accumulator.find(kWeb)->is_changed);
  CHECK(accumulator.find(kWeb)->hit == 160);
}

TEST_CASE("a counter that has less than before began anew, each family by itself") {
  Accumulator accumulator = begun();
  take(accumulator, {reading(kWeb, pair(10, 600, 5, 300))}, 100);
  take(accumulator, {reading(kWeb, pair(2, 120, 7, 420))}, 160);
  CHECK(accumulator.find(kWeb)->total == pair(12, 720, 7, 420));
}

TEST_CASE("one that was not there for a while began anew, even with more than before") {
  Accumulator accumulator = begun();
  take(accumulator, {reading(kWeb, pair(10, 600)), reading(kSsh, pair(1, 40))}, 100);
  take(accumulator, {reading(kSsh, pair(1, 40))}, 160);
  take(accumulator, {reading(kWeb, pair(15, 900)), reading(kSsh, pair(1, 40))}, 220);
  CHECK(accumulator.find(kWeb)->total == pair(25, 1500));
}

TEST_CASE("the first reading of all is of no minute, what is new later is") {
  Accumulator accumulator;
  take(accumulator, {reading(kEth, pair(1000, 100000))}, 100);
  CHECK(accumulator.find(kEth)->fresh.is_zero());
  CHECK(accumulator.find(kEth)->hit == 0);
  CHECK(accumulator.find(kEth)->total == pair(1000, 100000));
  take(accumulator, {reading(kEth, pair(1001, 100060)), reading(kWeb, pair(3, 180))}, 160);
  CHECK(accumulator.find(kEth)->fresh == pair(1, 60));
  CHECK(accumulator.find(kWeb)->fresh == pair(3, 180));
}

TEST_CASE("a daemon that starts again goes on, and after a boot all counters have begun at zero") {
  const std::vector<Entry> known{{.subject = kWeb, .since = 5, .hit = 50, .last = pair(10, 600), .total = pair(30, 1800), .id = 7}};
  Accumulator same, other;
  same.go_on(known, /*is_same_boot=*/true);
  other.go_on(known, /*is_same_boot=*/false);
  take(same, {reading(kWeb, pair(12, 720))}, 100);
  take(other, {reading(kWeb, pair(12, 720))}, 100);
  CHECK(same.find(kWeb)->fresh == pair(2, 120));
  CHECK(same.find(kWeb)->total == pair(32, 1920));
  CHECK(same.find(kWeb)->id == 7);
  CHECK(other.find(kWeb)->fresh == pair(12, 720));
  CHECK(other.find(kWeb)->total == pair(42, 2520));
}

TEST_CASE("a store that can be read only later is added to what was counted meanwhile") {
  Accumulator accumulator;
  take(accumulator, {reading(kWeb, pair(10, 600))}, 100);
  take(accumulator, {reading(kWeb, pair(13, 780))}, 160);
  accumulator.go_on({{.subject = kWeb, .since = 5, .hit = 50, .last = pair(1, 60), .total = pair(30, 1800), .id = 7},
                     {.subject = kSsh, .since = 6, .last = pair(4, 40), .total = pair(4, 40), .id = 8}},
                    /*is_same_boot=*/true);
  const Entry* web = accumulator.find(kWeb);
  CHECK(web->fresh == pair(3, 180));
  CHECK(web->total == pair(43, 2580));
  CHECK(web->since == 5);
  CHECK(web->hit == 160);
  CHECK(web->id == 7);
  CHECK(accumulator.find(kSsh)->last.is_zero());
}

TEST_CASE("what rules had when they went counts once, and never twice") {
  Accumulator accumulator = begun();
  take(accumulator, {reading(kWeb, pair(10, 600)), reading(kSsh, pair(5, 200))}, 100);
  const std::vector<Reading> kept{reading(kWeb, pair(14, 840)), reading(kSsh, pair(3, 120))};
  accumulator.take_last(kept, 130);
  accumulator.take_last(kept, 130);
  CHECK(accumulator.find(kWeb)->total == pair(14, 840));
  // An older reading than the last one.
  CHECK(accumulator.find(kSsh)->total == pair(5, 200));
  // The engine is another one now: its counters begin at zero, although they have more by now.
  accumulator.begin_anew(Kind::Rule);
  take(accumulator, {reading(kWeb, pair(20, 1200)), reading(kSsh, pair(0, 0))}, 160);
  CHECK(accumulator.find(kWeb)->total == pair(34, 2040));
  CHECK(accumulator.find(kSsh)->total == pair(5, 200));
}

TEST_CASE("a rule has the number of the last reading") {
  Accumulator accumulator = begun();
  take(accumulator, {{.subject = kWeb, .number = 3, .counts = pair(1, 60), .also = {}}}, 100);
  accumulator.note_written();
  take(accumulator, {{.subject = kWeb, .number = 4, .counts = pair(1, 60), .also = {}}}, 160);
  CHECK(accumulator.find(kWeb)->number == 4);
  CHECK(accumulator.find(kWeb)->is_changed);
  // What is told later has a number of before.
  const std::vector<Reading> kept{{.subject = kWeb, .number = 3, .counts = pair(2, 120), .also = {}}};
  accumulator.take_last(kept, 170);
  CHECK(accumulator.find(kWeb)->number == 4);
}

TEST_CASE("whatever happens to counters at times that are known, the totals are what came") {
  std::mt19937 random(20261126);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    Accumulator accumulator = begun();
    std::map<Subject, Pair> came, counters;
    std::vector<Subject> rules;
    for (int i = 0; i < 5; ++i) rules.push_back({Kind::Rule, std::string(1, static_cast<char>('a' + i))});
    for (const Subject& rule : rules) counters[rule] = {};
    const auto read = [&] {
      std::vector<Reading> readings;
      for (const auto& [subject, counts] : counters) readings.push_back(reading(subject, counts, {kPair}));
      return readings;
    };
    for (int step = 0; step < 50; ++step) {
      for (auto& [subject, counts] : counters) {
        const Pair more = pair(random() % 3, random() % 100, random() % 2, random() % 50);
        counts += more;
        came[subject] += more;
      }
      switch (random() % 6) {
        case 0:  // another generation: a rule comes or goes, after the kept counters were told
          accumulator.take_last(read(), step);
          if (const Subject& rule = rules[random() % rules.size()]; counters.erase(rule) == 0) counters[rule] = {};
          break;
        case 1:  // another engine
          accumulator.take_last(read(), step);
          accumulator.begin_anew(Kind::Rule);
          for (auto& [subject, counts] : counters) counts = {};
          break;
        case 2:  // the daemon is restarted
        case 3: {  // or the machine, with nothing lost between the last reading and its end
          accumulator.take(read(), step);
          const bool is_same_boot = random() % 2 == 0;
          std::vector<Entry> known(accumulator.entries().begin(), accumulator.entries().end());
          accumulator = Accumulator();
          accumulator.go_on(std::move(known), is_same_boot);
          if (!is_same_boot)
            for (auto& [subject, counts] : counters) counts = {};
          break;
        }
        default: break;
      }
      accumulator.take(read(), step);
    }
    Pair all;
    for (const auto& [subject, counts] : came) {
      all += counts;
      REQUIRE(accumulator.find(subject) != nullptr);
      CHECK(accumulator.find(subject)->total == counts);
      CHECK(accumulator.find(subject)->fresh == counts);
    }
    CHECK(accumulator.find(kPair)->total == all);
  }
}
