// SPDX-License-Identifier: GPL-2.0-or-later
// A disk that is full, broken or read-only, from the n-th call on; an apply whose daemon is killed; a clock that jumps.
// VUURMUUR_CONFIRM_KILLS=N kills N times instead of twice.
#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "helpers/daemon_fixture.h"
#include "helpers/fault_count.h"
#include "helpers/fault_injector.h"
#include "lab/run.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

constexpr auto kTwo = "accept service http from world.inet to firewall\naccept service any from world.inet to firewall";

void copy_state(const fs::path& from, const fs::path& to) {
  for (const auto& entry : fs::directory_iterator(to)) fs::remove_all(entry.path());
  fs::copy(from, to, fs::copy_options::recursive);
}

/// Files that are neither the journal, the lock, nor of a generation that the journal names.
std::string strays(const Firewall& firewall) {
  std::string found;
  for (const auto& entry : fs::recursive_directory_iterator(firewall.state()))
    if (entry.is_regular_file() && entry.path().filename().string().starts_with('.'))
      found += entry.path().string() + " ";
  return found;
}

}  // namespace

TEST_CASE(
    "whatever call on the disk fails, it is told, the rules are those of one generation, and nothing is left over") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  const std::string before = xtables_rules();
  const TemporaryDirectory kept;
  copy_state(firewall.state(), kept.path());
  firewall.tree.rules(kTwo);
  const std::vector<std::string> apply{"apply", firewall.tree.path().string()};
  FaultCount count;
  for (const int error : {ENOSPC, EIO, EROFS}) {
    for (std::size_t nth = 1;; ++nth) {
      copy_state(kept.path(), firewall.state());
      REQUIRE(firewall.run({"restore"}).status == 0);
      REQUIRE(xtables_rules() == before);
      const FaultyRun run = run_with_fault(apply, firewall.state().string(), nth, error);
      if (!run.has_failed) break;
      count.add(run);
      CAPTURE(nth, error, run.call, run.status, run.err);
      CHECK(strays(firewall).empty());
      const auto status = firewall.json({"status"});
      if (run.status == 0) {
        // What is only for people to read may be missing; that is a warning.
        CHECK(run.err.find("warning: the history has no") != std::string::npos);
        CHECK(Firewall::admits("any"));
        CHECK(status.at("confirmed") == 2);
      } else {
        CHECK(run.status == 3);
        CHECK(run.err.find("error: ") != std::string::npos);
        CHECK(xtables_rules() == before);
        // A journal that could not be written says so; the next start settles it.
        REQUIRE(firewall.run({"restore"}).status == 0);
        CHECK(firewall.json({"status"}).at("confirmed") == 1);
        CHECK(xtables_rules() == before);
      }
    }
  }
  WARN(count.text("applied"));
  CHECK(count.refused() > 20);
}

TEST_CASE("an apply that waits comes back at its deadline although its daemon is killed and none starts") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const std::string before = xtables_rules();
  fixture.firewall.tree.rules(kTwo);
  const unsigned times = number_from("VUURMUUR_CONFIRM_KILLS", 2);
  unsigned back = 0;
  std::chrono::milliseconds earliest = 1h, latest{0};
  for (unsigned i = 0; i < times; ++i) {
    if (i != 0) fixture.start();
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(fixture.call("Apply", {{"confirm_seconds", 1}}).error.empty());
    // At another moment of the wait each time.
    std::this_thread::sleep_for(std::chrono::milliseconds(i * 37 % 900));
    REQUIRE(fixture.daemon->end(SIGKILL) == 128 + SIGKILL);
    const bool was_new = Firewall::admits("any");
    REQUIRE(eventually([&] { return !Firewall::admits("any"); }));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    earliest = std::min(earliest, took);
    latest = std::max(latest, took);
    CHECK(eventually([&] { return fixture.firewall.json({"status"}).at("state") == "confirmed"; }));
    if (was_new && xtables_rules() == before) ++back;
  }
  WARN(fmt::format("daemon killed during the wait {} times: {} times back, between {} and {} ms after an apply of 1 s",
                   times, back, earliest.count(), latest.count()));
  CHECK(back == times);
  CHECK(earliest >= 1s);
  CHECK(latest <= 2s);
}

TEST_CASE("a clock that jumps by a year does not move the deadline") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kTwo);
  constexpr long kYear = 365L * 24 * 3600;
  for (const long jump : {kYear, -kYear}) {
    CAPTURE(jump);
    const auto begin = std::chrono::steady_clock::now();
    const TemporaryDirectory room;
    const auto shift = room.path() / "shift";
    const Outcome applied =
        vuurmuur::test::vuurmuur({.arguments = {"apply", "--confirm=2", firewall.tree.path().string()},
                                  .environment = {{"VUURMUUR_STATE_DIR", firewall.state().string()},
                                                  {"LD_PRELOAD", VM_CLOCK_SHIFT},
                                                  {"ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0"},
                                                  {"CLOCK_SHIFT_FILE", shift.string()}}});
    INFO(applied.err);
    REQUIRE(applied.status == 0);
    const auto in_force = std::chrono::steady_clock::now();
    // The process that keeps the deadline sees another time from here on.
    room.write("shift", std::to_string(jump));
    REQUIRE(eventually([] { return !Firewall::admits("any"); }));
    const auto end = std::chrono::steady_clock::now();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(end - begin);
    // The time begins while the program runs.
    CHECK(took >= 2s);
    CHECK(end - in_force <= 3s);
    REQUIRE(eventually([&] { return firewall.json({"status"}).at("state") == "confirmed"; }));
    // It did see it: the history's times are for people.
    const auto events = firewall.json({"history"})[0].at("events");
    const auto seen = events.back().at("time").get<long>() - events.front().at("time").get<long>();
    CHECK(std::abs(seen - jump) < 60);
    WARN(fmt::format("the clock jumped by {} s: back after {} ms of 2000", jump, took.count()));
  }
}
