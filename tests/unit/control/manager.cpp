// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/manager.h"

#include <cerrno>

#include "support/catch.h"
#include "unit/apply/fake_kernel.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

const history::Actor kAnn{.uid = 0, .user = "ann", .from = {}};

class FakeClock final : public Clock {
 public:
  history::Moment moment{.boot = "b", .nanoseconds = 0};
  [[nodiscard]] history::Moment now() const override { return moment; }
  [[nodiscard]] std::int64_t wall_seconds() const override { return 1764000000; }
};

/// Files of which the n-th write fails.
class FailingFiles final : public base::FileSystem {
 public:
  base::MemoryFileSystem memory;
  int fail_in = 0;  ///< 1: the next write

  base::Result<std::string> read_file(const std::string& path) const override { return memory.read_file(path); }
  base::Result<std::vector<std::string>> list_directory(const std::string& path) const override {
    return memory.list_directory(path);
  }
  base::Result<base::FileStatus> status(const std::string& path) const override { return memory.status(path); }
  base::Result<void> replace_file(const std::string& path, std::string_view content, std::uint32_t mode) override {
    if (fail_in > 0 && --fail_in == 0) return base::system_error("write '" + path + "'", ENOSPC);
    return memory.replace_file(path, content, mode);
  }
  base::Result<void> make_directories(const std::string& path, std::uint32_t mode) override {
    return memory.make_directories(path, mode);
  }
  base::Result<void> remove(const std::string& path) override { return memory.remove(path); }
};

history::Files tree(const std::string& service) {
  return {{"config.conf", ""},
          {"interfaces/nic.conf", "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"192.0.2.1\"\n"},
          {"services/http", "ACTIVE=\"Yes\"\nRANGE=\"6;80\"\n"},
          {"services/ssh", "ACTIVE=\"Yes\"\nRANGE=\"6;22\"\n"},
          {"zones/inet/zone.config", "ACTIVE=\"Yes\"\n"},
          {"zones/inet/networks/world/network.config",
           "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nINTERFACE=\"nic\"\n"},
          {"rules/rules.conf", "RULE=\"accept service " + service + " from world.inet to firewall\"\n"},
          {"rules/blocklist.conf", ""}};
}

struct World {
  apply::test::FakeKernel kernel;
  FailingFiles files;
  history::Store store{files, "/var/lib/vuurmuur"};
  FakeClock clock;
  Manager manager{kernel, store, clock, {}};
  Manager without_comments{kernel, store, clock, {.comments = false}};

  base::Result<Applied> apply(const std::string& service, std::optional<std::chrono::seconds> confirm = {}) {
    return apply_by(manager, service, confirm);
  }
  base::Result<Applied> apply_by(Manager& by, const std::string& service,
                                 std::optional<std::chrono::seconds> confirm = {},
                                 std::optional<history::Number> copy_of = {}) {
    base::MemoryFileSystem memory;
    for (const auto& [path, content] : tree(service)) memory.files["/etc/vuurmuur/" + path] = content;
    const auto checked = check_tree(memory, "/etc/vuurmuur");
    REQUIRE_FALSE(checked->sink.has_errors());
    const auto plan = make_plan(kernel, checked->policy, {});
    REQUIRE(plan);
    return by.apply({.directory = "/etc/vuurmuur",
                     .configuration = history::Store::packed_configuration(tree(service)),
                     .plan = *plan,
                     .who = kAnn,
                     .comment = {},
                     .copy_of = copy_of,
                     .confirm = confirm});
  }
  [[nodiscard]] bool admits(const std::string& service) const {
    return kernel.text().find("accept " + service + " from") != std::string::npos;
  }
  [[nodiscard]] history::Journal journal() const { return *store.read_journal(); }
};

}  // namespace

TEST_CASE("each apply is a generation, confirmed when nobody is to confirm it") {
  World world;
  const auto first = world.apply("http");
  REQUIRE(first);
  CHECK(first->generation == 1);
  CHECK_FALSE(first->deadline.has_value());
  REQUIRE(world.apply("ssh"));
  CHECK(world.journal().confirmed == 2);
  CHECK(world.admits("ssh"));
  CHECK_FALSE(world.admits("http"));
  CHECK(*world.store.read_configuration(1) == tree("http"));
  CHECK(world.store.read_counters(1));
}

TEST_CASE("what is not confirmed goes back at its deadline, not before") {
  World world;
  REQUIRE(world.apply("http"));
  const auto applied = world.apply("ssh", std::chrono::seconds(60));
  REQUIRE(applied);
  CHECK(applied->goes_back_to == 1);
  CHECK(applied->deadline->nanoseconds == 60'000'000'000);
  world.clock.moment.nanoseconds = 59'999'999'999;
  CHECK_FALSE(world.manager.recover(kAnn)->has_value());
  CHECK(world.admits("ssh"));
  world.clock.moment.nanoseconds = 60'000'000'000;
  const auto back = world.manager.recover(kAnn);
  REQUIRE(back);
  REQUIRE(back->has_value());
  CHECK((*back)->from == 2);
  CHECK((*back)->to == 1);
  CHECK(world.admits("http"));
  CHECK_FALSE(world.admits("ssh"));
  CHECK_FALSE(world.manager.recover(kAnn)->has_value());
}

TEST_CASE("wherever the program is stopped while it applies, a start brings exactly the confirmed generation") {
  for (int stop = 0;; ++stop) {
    CAPTURE(stop);
    World world;
    REQUIRE(world.apply("http"));
    // A kill: from that step on nothing is done any more, also no rolling back, and no writing.
    struct Killed {};
    int count = 0;
    world.kernel.fault = [&](const std::string&) -> int {
      if (count++ == stop) throw Killed{};
      return 0;
    };
    bool is_killed = false;
    try {
      static_cast<void>(world.apply("ssh"));
    } catch (const Killed&) {
      is_killed = true;
    }
    if (!is_killed) {
      REQUIRE(stop > 10);
      break;
    }
    world.kernel.fault = nullptr;
    REQUIRE(world.manager.restore(kAnn));
    const auto in_force = world.journal().confirmed;
    CHECK(in_force == 1);
    CHECK(world.admits("http"));
    CHECK_FALSE(world.admits("ssh"));
    CHECK_FALSE(world.journal().pending.has_value());
  }
}

TEST_CASE("a disk that is full at any write leaves the generation of before, in the kernel and in the journal") {
  for (int write = 1;; ++write) {
    CAPTURE(write);
    World world;
    REQUIRE(world.apply("http"));
    world.files.fail_in = write;
    const auto applied = world.apply("ssh", std::chrono::seconds(60));
    if (world.files.fail_in != 0) {
      // All writes were before this one.
      REQUIRE(write > 3);
      break;
    }
    world.files.fail_in = 0;
    if (applied) {
      // What only people read could not be written: a warning.
      CHECK_FALSE(applied->report.warnings.empty());
      CHECK(world.admits("ssh"));
      continue;
    }
    CHECK(applied.error().code == ENOSPC);
    CHECK(world.admits("http"));
    CHECK_FALSE(world.admits("ssh"));
    // A start afterwards finds nothing, or cleans up, but never changes what is in force.
    static_cast<void>(world.manager.recover(kAnn));
    CHECK(world.journal().confirmed == 1);
    CHECK_FALSE(world.journal().pending.has_value());
    CHECK(world.admits("http"));
  }
}

TEST_CASE("a kernel that refuses leaves the one that waits waiting") {
  World world;
  REQUIRE(world.apply("http"));
  REQUIRE(world.apply("ssh", std::chrono::seconds(60)));
  world.kernel.fault = [](const std::string& step) { return step.starts_with("commit filter4") ? EINVAL : 0; };
  CHECK_FALSE(world.apply("http"));
  world.kernel.fault = nullptr;
  CHECK(world.journal().pending->generation == 2);
  CHECK(world.journal().find(3)->state() == history::What::Refused);
  CHECK(*world.manager.confirm(kAnn) == 2);
}

TEST_CASE("after a reboot the deadline of before means nothing") {
  World world;
  REQUIRE(world.apply("http"));
  REQUIRE(world.apply("ssh", std::chrono::seconds(60)));
  world.clock.moment = {.boot = "another", .nanoseconds = 1};
  const auto back = world.manager.restore(kAnn);
  REQUIRE(back);
  CHECK(back->from == 2);
  CHECK(back->to == 1);
}

TEST_CASE("a generation whose files are lost is an error that says so, and nothing changes") {
  World world;
  REQUIRE(world.apply("http"));
  REQUIRE(world.apply("ssh", std::chrono::seconds(60)));
  const std::string before = world.kernel.text();
  std::erase_if(world.files.memory.files,
                [](const auto& file) { return file.first.find("000001") != std::string::npos; });
  const auto back = world.manager.take_back(kAnn, "test");
  REQUIRE_FALSE(back);
  CHECK(back.error().message.starts_with("go back to generation 1: "));
  CHECK(world.kernel.text() == before);
  CHECK(world.journal().pending->generation == 2);
}

TEST_CASE("clear forgets the generation that waits, and restore brings the confirmed one") {
  World world;
  REQUIRE(world.apply("http"));
  REQUIRE(world.apply("ssh", std::chrono::seconds(60)));
  REQUIRE(world.manager.clear(kAnn));
  CHECK_FALSE(world.journal().pending.has_value());
  CHECK_FALSE(world.admits("ssh"));
  REQUIRE(world.manager.restore(kAnn));
  CHECK(world.admits("http"));
}

TEST_CASE("rules that another program changed are noted, and repaired when asked to") {
  World world;
  REQUIRE(world.apply("http"));
  const std::string before = world.kernel.text();
  const history::Actor other{.uid = 0, .user = "iptables", .from = {}};
  REQUIRE(apply::clear(world.kernel));
  REQUIRE(world.manager.drifted(other, "all is gone", /*repair=*/false, kAnn));
  CHECK_FALSE(world.admits("http"));
  REQUIRE(world.journal().find(1)->drift() != nullptr);
  CHECK(world.journal().find(1)->drift()->who.user == "iptables");
  // The same once more is not news.
  REQUIRE(world.manager.drifted(other, "all is gone", /*repair=*/true, kAnn));
  CHECK(world.kernel.text() == before);
  const auto events = world.journal().find(1)->events;
  REQUIRE(events.size() == 4);
  CHECK(events[2].what == history::What::Drifted);
  CHECK(events[3].what == history::What::Repaired);
  CHECK(world.journal().find(1)->state() == history::What::Confirmed);
}

TEST_CASE("a generation that was applied without comments gets none when it is loaded again, whoever does it") {
  World world;
  REQUIRE(world.apply_by(world.without_comments, "http"));
  const std::string before = world.kernel.text();
  REQUIRE(before.find("--comment") == std::string::npos);
  REQUIRE(apply::clear(world.kernel));
  REQUIRE(world.manager.drifted(kAnn, "all is gone", /*repair=*/true, kAnn));
  CHECK(world.kernel.text() == before);
  REQUIRE(apply::clear(world.kernel));
  REQUIRE(world.manager.restore(kAnn));
  CHECK(world.kernel.text() == before);
  // One with comments takes its place, and is taken back.
  REQUIRE(world.apply("ssh", std::chrono::seconds(60)));
  CHECK(world.admits("ssh"));
  REQUIRE(world.manager.take_back(kAnn, "on request"));
  CHECK(world.kernel.text() == before);
  // A copy of it is as it was, and one of another as that was.
  REQUIRE(world.apply_by(world.manager, "http", {}, 1));
  CHECK(world.kernel.text() == before);
  REQUIRE(world.apply("ssh"));
  CHECK(world.admits("ssh"));
}

TEST_CASE("a firewall that was cleared is known to be so until rules are loaded again") {
  World world;
  REQUIRE(world.apply("http"));
  REQUIRE(world.manager.clear(kAnn));
  CHECK(world.journal().is_cleared);
  CHECK(world.journal().confirmed == 1);
  REQUIRE(world.manager.restore(kAnn));
  CHECK_FALSE(world.journal().is_cleared);
  CHECK(world.admits("http"));
  REQUIRE(world.manager.clear(kAnn));
  REQUIRE(world.apply("ssh"));
  CHECK_FALSE(world.journal().is_cleared);
}
