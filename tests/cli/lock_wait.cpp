// SPDX-License-Identifier: GPL-2.0-or-later
// Another program has the xtables lock: what the daemon loads waits, and nobody else does.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/unique_fd.h"
#include "helpers/daemon_fixture.h"
#include "helpers/watcher.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

/// A daemon with a lock file of its own, so that tests beside this one do not wait.
struct LockedFixture : DaemonFixture {
  LockedFixture() { ::setenv("XTABLES_LOCKFILE", path().c_str(), 1); }
  ~LockedFixture() { ::unsetenv("XTABLES_LOCKFILE"); }
  [[nodiscard]] std::string path() const { return (run.path() / "xtables.lock").string(); }

  /// As an iptables program does; held until the descriptor is closed.
  [[nodiscard]] base::UniqueFd take_lock() const {
    base::UniqueFd lock(::open(path().c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
    REQUIRE(lock);
    REQUIRE(eventually([&] { return ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0; }));
    return lock;
  }
  /// What waits by the daemon's own words, which have to come soon; empty: nothing.
  [[nodiscard]] std::string waiting() {
    const auto begin = Clock::now();
    const auto waiting = call("Status").parameters.at("waiting");
    slowest = std::max(slowest, Clock::now() - begin);
    return waiting.is_null() ? std::string() : waiting.get<std::string>();
  }
  [[nodiscard]] bool waits(const std::string& what) { return eventually([&] { return waiting().starts_with(what); }); }
  [[nodiscard]] ipc::Client ask(const std::string& method, ipc::Json parameters = ipc::Json::object()) const {
    auto client = ipc::Client::connect(socket);
    REQUIRE(client);
    REQUIRE(client->send({.method = "org.vuurmuur.Manager." + method, .parameters = std::move(parameters)}));
    return std::move(*client);
  }

  Clock::duration slowest{0};  ///< of the answers to others meanwhile
};

std::string chain_of_rules() {
  const std::string saved = xtables_rules();
  for (const std::string_view line : base::split(saved, '\n'))
    if (line.find("accept http from") != std::string_view::npos) return std::string(base::split(line, ' ').at(1));
  return {};
}

}  // namespace

TEST_CASE("an apply waits for the lock as long as its caller wishes, and others are answered meanwhile") {
  const std::string engine = GENERATE("xtables", "nft");
  LockedFixture fixture;
  fixture.firewall.tree.write("config.conf", "BACKEND=\"" + engine + "\"\n");
  fixture.start();
  const auto first = fixture.call("Apply");
  INFO(first.parameters.dump());
  REQUIRE(first.error.empty());
  Watcher watcher(fixture, fixture.socket, {"status", "--watch", "--json"});
  REQUIRE(eventually([&] { return !watcher.lines().empty(); }));
  auto lock = fixture.take_lock();
  fixture.firewall.tree.rules("accept service any from world.inet to firewall");

  const auto begin = Clock::now();
  const auto refused = fixture.call("Apply", {{"wait_seconds", 0}});
  CHECK(refused.parameters.at("code") == ETIMEDOUT);
  CHECK(Clock::now() - begin < 1s);

  auto impatient = fixture.ask("Apply", {{"wait_seconds", 1}}), patient = fixture.ask("Apply"),
       gone = fixture.ask("Rollback");
  REQUIRE(fixture.waits("Apply by root waits for the xtables lock, which "));
  CHECK(fixture.waiting().ends_with(fmt::format("(process {}) has", ::getpid())));
  ::setenv("VUURMUUR_SOCKET", fixture.socket.c_str(), 1);
  const Outcome status = fixture.firewall.run({"status"});
  ::unsetenv("VUURMUUR_SOCKET");
  CHECK(status.out.find("Apply by root waits for the xtables lock, which ") != std::string::npos);
  {
    const auto leaving = std::move(gone);
  }
  const auto late = impatient.next(10s);
  REQUIRE((late && *late));
  CHECK((*late)->parameters.at("code") == ETIMEDOUT);
  CHECK((*late)->parameters.at("message").get<std::string>().ends_with("did not let go of it in 1 s"));
  CHECK(Clock::now() - begin < 3s);
  for (const auto until = Clock::now() + 1s; Clock::now() < until;) static_cast<void>(fixture.waiting());
  CHECK(fixture.firewall.json({"history"}).size() == 1);

  lock.reset();
  const auto done = patient.next(10s);
  REQUIRE((done && *done));
  INFO((*done)->parameters.dump());
  CHECK((*done)->error.empty());
  CHECK(eventually([&] { return fixture.waiting().empty(); }));
  CHECK(fixture.slowest < 1s);
  std::printf("%s: slowest answer beside a load that waited %.0f ms\n", engine.c_str(),
              std::chrono::duration<double, std::milli>(fixture.slowest).count());
  // Who hung up wishes no rollback any more; the call that came next has its answer.
  const auto history = fixture.firewall.json({"history"});
  CHECK(history.size() == 2);
  CHECK(history[0].at("copy_of").is_null());
  const auto next = fixture.call("Rollback");
  CHECK(next.error.empty());
  std::vector<std::string> told;
  for (const auto& event : watcher.objects()) told.push_back(event.at("event").get<std::string>());
  CHECK(std::ranges::count(told, "waiting") == 3);
  CHECK(std::ranges::count(told, "refused") == 1);
}

TEST_CASE("what the daemon does by itself waits for the lock as well") {
  LockedFixture fixture;
  fixture.firewall.tree.write("zones/inet/networks/world/hosts/follower.host",
                              "ACTIVE=\"Yes\"\nIPV6ADDRESS=\"::25/suffix\"\n");
  fixture.firewall.tree.rules(
      "accept service http from world.inet to firewall\naccept service http from follower.world.inet to firewall");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  static_cast<void>(fixture.call("Status"));
  const std::string rules = xtables_rules();
  std::optional<base::UniqueFd> lock = fixture.take_lock();

  SECTION("rules that another program changed") {
    lab::run_ok({"env", "XTABLES_LOCKFILE=/dev/null", "iptables-legacy", "-F", chain_of_rules()});
    REQUIRE(fixture.waits("a repair waits"));
    CHECK(xtables_rules() != rules);
    lock.reset();
    CHECK(eventually([&] { return xtables_rules() == rules; }));
  }
  SECTION("a delegated prefix") {
    lab::ip("addr add 2001:db8:7::1/64 dev eth0 nodad\n");
    REQUIRE(fixture.waits("what follows devices, addresses and names waits"));
    // More of them wait together.
    lab::ip("addr add 2001:db8:8::1/64 dev eth0 nodad\n");
    lock.reset();
    CHECK(eventually([&] {
      const std::string now = lab::run_ok({"ip6tables-legacy-save"});
      return now.find("2001:db8:7::25") != std::string::npos && now.find("2001:db8:8::25") != std::string::npos;
    }));
  }
  SECTION("SIGHUP") {
    fixture.daemon->signal(SIGHUP);
    REQUIRE(fixture.waits("Apply by root waits"));
    lock.reset();
    CHECK(eventually([&] { return fixture.firewall.json({"history"}).size() == 2; }));
  }
  SECTION("what nobody confirmed") {
    lock.reset();
    fixture.firewall.tree.rules("accept service any from world.inet to firewall");
    REQUIRE(fixture.call("Apply", {{"confirm_seconds", 1}}).error.empty());
    lock = fixture.take_lock();
    REQUIRE(eventually([&] {
      static_cast<void>(fixture.waiting());
      return fixture.call("Status").parameters.at("seconds_left") == 0;
    }));
    for (const auto until = Clock::now() + 500ms; Clock::now() < until;) static_cast<void>(fixture.waiting());
    lock.reset();
    CHECK(eventually([&] { return xtables_rules() == rules; }));
  }
  SECTION("the start") {
    fixture.daemon->end(SIGKILL);
    lab::run_ok({"env", "XTABLES_LOCKFILE=/dev/null", "iptables-legacy", "-F", chain_of_rules()});
    fixture.start();
    REQUIRE(fixture.waits("the start of the daemon waits"));
    lock.reset();
    CHECK(eventually([&] { return xtables_rules() == rules; }));
  }
  CHECK(eventually([&] { return fixture.waiting().empty(); }));
  CHECK(fixture.slowest < 1s);
}
