// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/block_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/file_system.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;
using apply::TimedElement;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

class FakeClock final : public Clock {
 public:
  history::Moment moment{.boot = "first", .nanoseconds = 1000 * kSecond};
  std::int64_t wall = 1'764'000'000;
  [[nodiscard]] history::Moment now() const override { return moment; }
  [[nodiscard]] std::int64_t wall_seconds() const override { return wall; }
};

std::string new_directory() {
  char name[] = "/tmp/vuurmuur-blocks-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  return name;
}

struct World {
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { std::filesystem::remove_all(directory); }

  std::string text() const {
    std::ifstream in(directory + "/blocks");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text, std::ios::openmode mode = std::ios::app) const {
    std::ofstream(directory + "/blocks", mode) << text;
  }
  TimedElement until(const char* prefix, std::int64_t seconds_from_now) const {
    return {.prefix = *net::Prefix::parse(prefix), .deadline = clock.moment.nanoseconds + seconds_from_now * kSecond};
  }

  std::string directory = new_directory();
  base::RealFileSystem files;
  FakeClock clock;
  BlockLog log{files, directory, clock};
};

}  // namespace

TEST_CASE("what was written is read, by the one who wrote and by others, only what is new") {
  World world;
  BlockLog other(world.files, world.directory, world.clock);
  REQUIRE(world.log.refresh(true));
  CHECK(world.log.hosts().empty());
  const std::vector first{world.until("192.0.2.1", 60), TimedElement{.prefix = *net::Prefix::parse("2001:db8::/32")}};
  REQUIRE(world.log.append(first, {}));
  REQUIRE(other.refresh(true));
  CHECK(other.hosts() == BlockLog::Entries{{first[0].prefix, first[0].deadline}});
  CHECK(other.networks() == BlockLog::Entries{{first[1].prefix, TimedElement::kForever}});
  REQUIRE(other.append({}, std::vector{first[1].prefix}));
  REQUIRE(world.log.refresh(true));
  CHECK(world.log.networks().empty());
  CHECK(world.log.hosts().size() == 1);
  CHECK(world.log.bad_lines() == 0);
}

TEST_CASE("half a line of a crash counts for nothing, and what comes behind it is whole") {
  World world;
  REQUIRE(world.log.append(std::vector{world.until("192.0.2.1", 60)}, {}));
  world.write("+ 192.0.2.77");
  REQUIRE(world.log.refresh(true));
  CHECK(world.log.hosts().size() == 1);
  REQUIRE(world.log.append(std::vector{world.until("192.0.2.2", 60)}, {}));
  REQUIRE(world.log.refresh(true));
  // Of the half one nobody knows how long it was.
  CHECK(world.log.hosts().contains(*net::Prefix::parse("192.0.2.2")));
  world.write("nonsense\n+ \n+ 192.0.2.3 1\n+ 192.0.2.3 x y z\n+ 192.0.2.9/24\n- \n");
  REQUIRE(world.log.refresh(true));
  CHECK(world.log.bad_lines() == 6);
}

TEST_CASE("in another boot the time of day decides, but nobody is blocked longer than he was to be") {
  World world;
  REQUIRE(world.log.append(std::vector{world.until("192.0.2.1", 600), world.until("192.0.2.2", 60)}, {}));
  world.clock.moment = {.boot = "second", .nanoseconds = 5 * kSecond};
  SECTION("the clock went on") {
    world.clock.wall += 100;
    BlockLog log(world.files, world.directory, world.clock);
    REQUIRE(log.refresh(true));
    CHECK(log.hosts() == BlockLog::Entries{{*net::Prefix::parse("192.0.2.1"), 505 * kSecond}});
    // It is written down for this boot: setting the clock changes nothing any more.
    world.clock.wall += 31'536'000;
    BlockLog again(world.files, world.directory, world.clock);
    REQUIRE(again.refresh(true));
    CHECK(again.hosts() == log.hosts());
  }
  SECTION("the clock lost a year") {
    world.clock.wall -= 31'536'000;
    BlockLog log(world.files, world.directory, world.clock);
    REQUIRE(log.refresh(true));
    CHECK(log.hosts() == BlockLog::Entries{{*net::Prefix::parse("192.0.2.1"), 605 * kSecond},
                                           {*net::Prefix::parse("192.0.2.2"), 65 * kSecond}});
  }
}

TEST_CASE("setting the clock during a boot changes no deadline") {
  World world;
  const TimedElement element = world.until("192.0.2.1", 600);
  REQUIRE(world.log.append(std::vector{element}, {}));
  for (const std::int64_t jump : {31'536'000, -63'072'000}) {
    world.clock.wall += jump;
    BlockLog log(world.files, world.directory, world.clock);
    REQUIRE(log.refresh(true));
    CHECK(log.hosts() == BlockLog::Entries{{element.prefix, element.deadline}});
  }
}

TEST_CASE("a file that is mostly over is written anew, and its readers notice") {
  World world;
  BlockLog other(world.files, world.directory, world.clock);
  for (int i = 0; i < 6; ++i) {
    const std::vector<TimedElement> many(1000, world.until("192.0.2.1", 60));
    REQUIRE(world.log.append(many, {}));
    REQUIRE(world.log.append(std::vector<TimedElement>(1000, world.until("192.0.2.2", 1)), {}));
  }
  REQUIRE(other.refresh(false));
  CHECK(other.hosts().size() == 2);
  world.clock.moment.nanoseconds += 2 * kSecond;
  REQUIRE(world.log.refresh(true));
  CHECK(world.text().size() < 200);
  REQUIRE(other.refresh(false));
  CHECK(other.hosts().size() == 1);
  REQUIRE(other.append(std::vector{world.until("192.0.2.3", 60)}, {}));
  REQUIRE(world.log.refresh(true));
  CHECK(world.log.hosts().size() == 2);
}

TEST_CASE("what cannot be written is an error, and leaves what was") {
  World world;
  REQUIRE(world.log.append(std::vector{world.until("192.0.2.1", 60)}, {}));
  const std::string before = world.text();
  std::filesystem::remove(world.directory + "/blocks");
  std::filesystem::create_directory(world.directory + "/blocks");
  CHECK_FALSE(world.log.append(std::vector{world.until("192.0.2.2", 60)}, {}));
  CHECK_FALSE(world.log.refresh(true));
}
