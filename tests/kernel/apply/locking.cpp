// SPDX-License-Identifier: GPL-2.0-or-later
// The lock that all iptables programs share.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "apply/apply.h"
#include "apply/xtables_lock.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

base::UniqueFd hold_lock() {
  base::UniqueFd fd(::open("/run/xtables.lock", O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(fd);
  REQUIRE(::flock(fd.get(), LOCK_EX) == 0);
  return fd;
}

/// This process as one that holds a lock is named.
std::string this_process() {
  std::string name;
  std::getline(std::ifstream("/proc/self/comm"), name);
  return name + " (process " + std::to_string(::getpid()) + ")";
}

}  // namespace

TEST_CASE("an apply or clear that waits in vain names who holds the lock, and has changed nothing") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, accepting_ports({22})));
  const std::string before = saved();
  const base::UniqueFd held = hold_lock();
  Options options;
  options.lock_patience = std::chrono::milliseconds(0);
  const auto at_once = apply::apply(*kernel, accepting_ports({80}), options);
  REQUIRE_FALSE(at_once);
  CHECK(at_once.error().message == this_process() + " holds the xtables lock ('/run/xtables.lock')");
  CHECK(at_once.error().code == ETIMEDOUT);

  options.lock_patience = std::chrono::milliseconds(700);
  const auto start = std::chrono::steady_clock::now();
  const auto later = apply::clear(*kernel, options);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(700));
  REQUIRE_FALSE(later);
  CHECK(later.error().message ==
        this_process() + " holds the xtables lock ('/run/xtables.lock') and did not let go of it in 0.7 s");
  CHECK(saved() == before);
}

TEST_CASE("an apply waits for whoever holds the lock, says so, and goes on") {
  const Machine machine;
  base::UniqueFd held = hold_lock();
  std::vector<std::string> told;
  Options options;
  // The lock is let go when the apply has said that it waits.
  options.progress = [&](std::string_view message) {
    told.emplace_back(message);
    CHECK((!held || saved_ipv4().find("VRMR-") == std::string::npos));
    held.reset();
  };
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, accepting_ports({22}), options));
  REQUIRE_FALSE(told.empty());
  CHECK(told.front() == "waiting for " + this_process() + ", which holds the xtables lock ('/run/xtables.lock')");
  CHECK(saved_ipv4().find("--dport 22") != std::string::npos);
}

TEST_CASE("an iptables program is kept out while an apply works, and not afterwards, also when it failed") {
  const Machine machine;
  const auto kernel = make_kernel();
  // The program waits for the lock, for a second when told so, and ends with 4 without having got it (iptables(8)).
  const std::vector<std::string> other{"iptables-legacy", "-w", "1", "-N"};
  const auto status_of = [&](const std::string& chain) {
    std::vector<std::string> command = other;
    command.push_back(chain);
    return lab::run(command).status;
  };
  std::vector<int> statuses;
  Options options;
  options.progress = [&](std::string_view) {
    if (statuses.empty()) statuses.push_back(status_of("meanwhile"));
  };
  REQUIRE(apply::apply(*kernel, accepting_ports({22}), options));
  CHECK(statuses == std::vector<int>{4});
  CHECK(status_of("after") == 0);

  ir::Ruleset bad;
  ChainBuilder(bad, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset}}, "bad");
  REQUIRE_FALSE(apply::apply(*kernel, bad));
  CHECK(status_of("after-failure") == 0);
}

TEST_CASE("applies at the same time come one after the other, each whole") {
  const Machine machine;
  std::atomic<int> done = 0;
  const auto work = [&](std::uint16_t first) {
    const auto kernel = make_kernel();
    std::vector<std::uint16_t> ports;
    for (std::uint16_t i = 0; i < 200; ++i) ports.push_back(static_cast<std::uint16_t>(first + i));
    ir::Ruleset ruleset = accepting_ports(ports);
    add_prerouting_port(ruleset, ir::TableName::Raw, first);
    for (int i = 0; i < 10; ++i) done += apply::apply(*kernel, ruleset) ? 1 : 0;
  };
  std::thread one(work, std::uint16_t{1000}), two(work, std::uint16_t{2000});
  one.join();
  two.join();
  CHECK(done == 20);
  for (const std::string& save : {saved_ipv4(), saved_ipv6()}) {
    const bool has_first = save.find("--dport 1000 ") != std::string::npos;
    const std::string begin = has_first ? "1" : "2", other = has_first ? "2" : "1";
    CHECK(save.find("--dport " + begin + "199 ") != std::string::npos);
    CHECK(save.find("--dport " + other + "0") == std::string::npos);
    CHECK(save.find("vuurmuur: applying") == std::string::npos);
  }
}

TEST_CASE("the lock file of the environment is used") {
  const Machine machine;
  ::setenv("XTABLES_LOCKFILE", "/run/other.lock", 1);
  const std::string path = xtables_lock_path();
  ::unsetenv("XTABLES_LOCKFILE");
  CHECK(path == "/run/other.lock");
  CHECK(xtables_lock_path() == "/run/xtables.lock");
  const auto lock = take_xtables_lock("/run/nowhere/x.lock", std::chrono::milliseconds(0), {});
  REQUIRE_FALSE(lock);
  CHECK(lock.error().message == "open lock file '/run/nowhere/x.lock': no such file or directory");
}
