// SPDX-License-Identifier: GPL-2.0-or-later
#include "volumes/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "support/catch.h"
#include "volumes/sqlite.h"

using namespace vuurmuur;
using namespace vuurmuur::volumes;

namespace {

/// 2026-11-26 09:00:00 UTC, in a zone without an offset.
constexpr std::int64_t kNine = 1795683600, kHour = 3600, kDay = 86400;

struct File {
  File() {
    ::setenv("TZ", "UTC", 1);
    char pattern[] = "/tmp/volumes-XXXXXX";
    REQUIRE(::mkdtemp(pattern) != nullptr);
    directory = pattern;
    path = directory / "volumes.db";
    std::ofstream(path).close();
  }
  ~File() { std::filesystem::remove_all(directory); }
  std::filesystem::path directory, path;
};

const Subject kWeb{Kind::Rule, "accept http from inet to dmz"}, kEth{Kind::Interface, "eth0"};

Reading reading(const Subject& subject, std::uint64_t packets) {
  return {.subject = subject, .counts = {.first = {packets, 60 * packets}, .second = {}}, .also = {}};
}

/// Counts so many packets more for a subject, and writes.
base::Result<void> count(Store& store, Accumulator& accumulator, const Subject& subject, std::uint64_t more,
                         std::int64_t time) {
  const Entry* known = accumulator.find(subject);
  const std::vector<Reading> readings{reading(subject, (known == nullptr ? 0 : known->last.first.packets) + more)};
  accumulator.take(readings, time);
  return store.write(accumulator, {}, time);
}

Accumulator begun() {
  Accumulator accumulator;
  accumulator.take({}, 1);
  return accumulator;
}

std::vector<std::pair<std::int64_t, std::uint64_t>> found(const Store& store, Kind by, Period period,
                                                          std::int64_t since = 0) {
  const auto answer = store.find({.by = by, .period = period, .since = since, .until = std::numeric_limits<std::int64_t>::max()});
  REQUIRE(answer);
  std::vector<std::pair<std::int64_t, std::uint64_t>> list;
  for (const Volume& volume : answer->volumes) list.emplace_back(volume.time, volume.counts.first.packets);
  return list;
}

using List = std::vector<std::pair<std::int64_t, std::uint64_t>>;

}  // namespace

TEST_CASE("minutes become hours, days and months") {
  const File file;
  auto store = Store::open(file.path);
  REQUIRE(store);
  Accumulator accumulator = begun();
  REQUIRE(count(*store, accumulator, kWeb, 1, kNine + 59));
  REQUIRE(count(*store, accumulator, kWeb, 2, kNine + 119));
  REQUIRE(count(*store, accumulator, kWeb, 4, kNine + kHour + 59));
  REQUIRE(count(*store, accumulator, kWeb, 8, kNine + kDay + 59));
  REQUIRE(count(*store, accumulator, kWeb, 16, kNine + 5 * kDay));
  const std::int64_t midnight = kNine - 9 * kHour, november = midnight - 25 * kDay, december = november + 30 * kDay;
  CHECK(found(*store, Kind::Rule, Period::Minute) ==
        List{{kNine + 5 * kDay, 16}, {kNine + kDay, 8}, {kNine + kHour, 4}, {kNine + 60, 2}, {kNine, 1}});
  CHECK(found(*store, Kind::Rule, Period::Hour) ==
        List{{kNine + 5 * kDay, 16}, {kNine + kDay, 8}, {kNine + kHour, 4}, {kNine, 3}});
  CHECK(found(*store, Kind::Rule, Period::Day) == List{{midnight + 5 * kDay, 16}, {midnight + kDay, 8}, {midnight, 7}});
  CHECK(found(*store, Kind::Rule, Period::Month) == List{{december, 16}, {november, 15}});
  CHECK(found(*store, Kind::Rule, Period::Day, midnight + kDay) == List{{midnight + 5 * kDay, 16}, {midnight + kDay, 8}});
  CHECK(found(*store, Kind::Interface, Period::Day).empty());
}

TEST_CASE("days are those of the machine's time zone, also where its clocks are set") {
  ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  // The last Sunday of October has 25 hours.
  const std::int64_t saturday = 1792792800, sunday = saturday + kDay, monday = sunday + 25 * kHour;
  CHECK(start_of(Period::Day, sunday - 1) == saturday);
  CHECK(start_of(Period::Day, sunday) == sunday);
  CHECK(start_of(Period::Day, monday - 1) == sunday);
  CHECK(start_of(Period::Day, monday) == monday);
  CHECK(start_of(Period::Month, monday) == 1790805600);
  CHECK(start_of(Period::Hour, sunday + 1800) == sunday);
  ::setenv("TZ", "UTC", 1);
}

TEST_CASE("what was written is there again, with the readings that it goes on from") {
  const File file;
  std::vector<Entry> written;
  const State state{.boot = "abc", .generation = 7, .backend = "nft"};
  {
    auto store = Store::open(file.path);
    REQUIRE(store);
    Accumulator accumulator = begun();
    const std::vector<Reading> readings{
        {.subject = kWeb, .number = 3, .counts = {{5, 300}, {1, 80}}, .also = {{Kind::Zone, "inet to dmz"}}},
        {.subject = {Kind::Rule, "drop 'x'; \"y\" from a to b"}, .number = 4, .counts = {}, .also = {}},
        {.subject = kEth, .counts = {{100, 9000}, {50, 4000}}, .also = {}}};
    accumulator.take(readings, kNine);
    REQUIRE(store->write(accumulator, state, kNine));
    written.assign(accumulator.entries().begin(), accumulator.entries().end());
  }
  auto store = Store::open(file.path);
  REQUIRE(store);
  CHECK(store->read_entries().value() == written);
  CHECK(written.size() == 4);
  CHECK(store->read_state().value() == state);
  // A rule that took nothing has no row.
  CHECK(found(*store, Kind::Rule, Period::Minute).size() == 1);
  // Others read beside whoever writes.
  const auto reader = Store::open_to_read(file.path);
  REQUIRE(reader);
  CHECK(reader->read_entries().value() == written);
}

TEST_CASE("so many minutes are kept, and so many rows") {
  const File file;
  auto store = Store::open(file.path, {.buckets = {5, 1000, 1000, 1000}, .rows = 1000});
  REQUIRE(store);
  Accumulator accumulator = begun();
  for (int minute = 0; minute < 20; ++minute)
    REQUIRE(count(*store, accumulator, kWeb, 1, kNine + 60 * minute));
  CHECK(found(*store, Kind::Rule, Period::Minute) ==
        List{{kNine + 1140, 1}, {kNine + 1080, 1}, {kNine + 1020, 1}, {kNine + 960, 1}, {kNine + 900, 1}});
  CHECK(found(*store, Kind::Rule, Period::Hour) == List{{kNine, 20}});

  const File other;
  auto small = Store::open(other.path, {.rows = 25});
  REQUIRE(small);
  Accumulator many = begun();
  for (int minute = 1; minute <= 20; ++minute) {
    std::vector<Reading> readings;
    for (int i = 0; i < 10; ++i)
      readings.push_back(reading({Kind::Rule, std::to_string(i)}, static_cast<std::uint64_t>(minute)));
    many.take(readings, kNine + 60 * minute);
    REQUIRE(small->write(many, {}, kNine + 60 * minute));
    // Two times ten are 20, three are too many.
    CHECK(found(*small, Kind::Rule, Period::Minute).size() <= 20);
  }
  CHECK(found(*small, Kind::Rule, Period::Hour).size() == 10);
}

TEST_CASE("a clock that is far ahead for a while removes nothing") {
  const File file;
  auto store = Store::open(file.path);
  REQUIRE(store);
  Accumulator accumulator = begun();
  REQUIRE(count(*store, accumulator, kWeb, 1, kNine));
  REQUIRE(count(*store, accumulator, kWeb, 2, kNine + 80 * 366 * kDay));
  REQUIRE(count(*store, accumulator, kWeb, 4, kNine + 60));
  CHECK(found(*store, Kind::Rule, Period::Minute, 0).size() == 3);
  CHECK(found(*store, Kind::Rule, Period::Day).size() == 2);
}

TEST_CASE("of too many subjects those go that changed least lately, and come back as new ones") {
  const File file;
  auto store = Store::open(file.path, {.subjects = 20});
  REQUIRE(store);
  Accumulator accumulator = begun();
  for (int i = 0; i < 30; ++i)
    REQUIRE(count(*store, accumulator, {Kind::Rule, std::to_string(i)}, 1, kNine + 60 * i));
  CHECK(accumulator.entries().size() <= 20);
  CHECK(store->read_entries()->size() == accumulator.entries().size());
  CHECK(accumulator.find({Kind::Rule, "0"}) == nullptr);
  CHECK(accumulator.find({Kind::Rule, "29"}) != nullptr);
  const std::size_t before = found(*store, Kind::Rule, Period::Minute).size();
  REQUIRE(count(*store, accumulator, {Kind::Rule, "0"}, 1, kNine + 60 * 40));
  // Not the rows of its former life.
  CHECK(found(*store, Kind::Rule, Period::Minute).size() <= before + 1);
  CHECK(accumulator.find({Kind::Rule, "0"})->since == kNine + 60 * 40);
}

TEST_CASE("without room nothing changes, and what was counted waits") {
  const File file;
  auto store = Store::open(file.path, {.pages = 24});
  REQUIRE(store);
  Accumulator accumulator = begun();
  REQUIRE(count(*store, accumulator, kWeb, 1, kNine));
  std::vector<Reading> readings{reading(kWeb, 3)};
  for (int i = 0; i < 3000; ++i) readings.push_back(reading({Kind::Rule, "rule number " + std::to_string(i)}, 5));
  accumulator.take(readings, kNine + 60);
  const auto full = store->write(accumulator, {}, kNine + 60);
  REQUIRE_FALSE(full);
  CHECK(full.error().code == ENOSPC);
  CHECK(accumulator.find(kWeb)->fresh.first.packets == 2);
  CHECK(found(*store, Kind::Rule, Period::Minute) == List{{kNine, 1}});
  // There is room again.
  auto roomy = Store::open(file.path);
  REQUIRE(roomy);
  REQUIRE(roomy->write(accumulator, {}, kNine + 60));
  CHECK(found(*roomy, Kind::Rule, Period::Minute).size() == 1000);
  CHECK(found(*roomy, Kind::Rule, Period::Minute).back().first == kNine + 60);
}

TEST_CASE("a file that is none of ours, damaged or of a newer program is told apart") {
  const File file;
  SECTION("not of SQLite") {
    std::ofstream(file.path) << std::string(100000, 'x');
    const auto store = Store::open(file.path);
    REQUIRE_FALSE(store);
    CHECK(store.error().code == EUCLEAN);
  }
  SECTION("somebody else's") {
    {
      auto other = sqlite::Database::open(file.path, sqlite::Mode::Write, 0);
      REQUIRE(other);
      REQUIRE(other->run("CREATE TABLE t(x)"));
    }
    CHECK(Store::open(file.path).error().code == EUCLEAN);
  }
  SECTION("of a newer program") {
    {
      auto newer = sqlite::Database::open(file.path, sqlite::Mode::Write, 0);
      REQUIRE(newer);
      REQUIRE(newer->run("CREATE TABLE t(x); PRAGMA user_version = 99"));
    }
    CHECK(Store::open(file.path).error().code == ENOTSUP);
    CHECK(Store::open_to_read(file.path).error().code == ENOTSUP);
  }
  SECTION("damaged in the middle") {
    Accumulator accumulator = begun();
    {
      auto store = Store::open(file.path);
      REQUIRE(store);
      std::vector<Reading> readings;
      for (int i = 0; i < 5000; ++i) readings.push_back(reading({Kind::Rule, "rule number " + std::to_string(i)}, 5));
      accumulator.take(readings, kNine);
      REQUIRE(store->write(accumulator, {}, kNine));
    }
    {
      std::fstream damage(file.path, std::ios::in | std::ios::out | std::ios::binary);
      const auto size = static_cast<long>(std::filesystem::file_size(file.path));
      for (long at = 2 * 4096; at < size; at += 4096) damage.seekp(at).write("damage", 6);
    }
    auto store = Store::open(file.path);
    base::Error error = store ? base::Error() : store.error();
    if (store) {
      const auto entries = store->read_entries();
      REQUIRE_FALSE(entries);
      error = entries.error();
    }
    CHECK(error.code == EUCLEAN);
    store = base::failure("closed");
    REQUIRE(put_aside(file.path));
    CHECK(std::filesystem::exists(file.path.string() + ".damaged"));
    std::ofstream(file.path).close();
    auto anew = Store::open(file.path);
    REQUIRE(anew);
    accumulator.note_lost();
    const std::vector<Reading> more{reading(kWeb, 3)};
    accumulator.take(more, kNine + 60);
    REQUIRE(anew->write(accumulator, {}, kNine + 60));
    CHECK(found(*anew, Kind::Rule, Period::Minute) == List{{kNine + 60, 3}});
    CHECK(anew->read_entries()->size() == 5001);
  }
  SECTION("not there, or empty") {
    CHECK(Store::open_to_read(file.path).error().code == ENOENT);
    std::filesystem::remove(file.path);
    CHECK(Store::open_to_read(file.path).error().code == ENOENT);
    CHECK(Store::open(file.path).error().code == ENOENT);
  }
}

TEST_CASE("10,000 rules that all take packets are written each minute, and the file stops growing") {
  const File file;
  constexpr std::int64_t kRows = 50'000;
  auto store = Store::open(file.path, {.rows = kRows});
  REQUIRE(store);
  Accumulator accumulator = begun();
  double taken = 0, written = 0, longest = 0;
  std::uintmax_t size_half_way = 0;
  constexpr int kMinutes = 16;
  using Clock = std::chrono::steady_clock;
  const auto milliseconds = [](Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); };
  for (int minute = 1; minute <= kMinutes; ++minute) {
    std::vector<Reading> readings;
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      readings.push_back(reading({Kind::Rule, "accept service" + std::to_string(i) + " from lan to inet"},
                                 static_cast<std::uint64_t>(minute) * (1 + i % 1000)));
      readings.back().number = i + 1;
      readings.back().also.push_back({Kind::Zone, "lan to inet"});
    }
    const auto begin = Clock::now();
    // An hour each: four buckets begin with every write.
    accumulator.take(readings, kNine + kHour * minute);
    const auto middle = Clock::now();
    REQUIRE(store->write(accumulator, {}, kNine + kHour * minute));
    const auto end = Clock::now();
    taken += milliseconds(middle - begin);
    written += milliseconds(end - middle);
    longest = std::max(longest, milliseconds(end - middle));
    if (minute == kMinutes / 2) size_half_way = std::filesystem::file_size(file.path);
  }
  store = base::failure("closed");
  const auto size = std::filesystem::file_size(file.path);
  std::printf("10,000 rules: taken up in %.1f ms, written in %.1f ms (longest %.1f), file of %.1f MB\n", taken / kMinutes,
              written / kMinutes, longest, static_cast<double>(size) / 1e6);
  // Minutes and hours are full by half the time, days and months have a row for each rule.
  CHECK(size <= size_half_way + size_half_way / 4);
  // What is full, days and months, and subjects: 40 bytes a row at most, 200 a subject.
  CHECK(size < static_cast<std::uintmax_t>(40 * (2 * kRows + 4 * 10'001) + 200 * 10'001));
}
