// SPDX-License-Identifier: GPL-2.0-or-later
// Another program, which does not take the lock, changes a table between our reading and our commit.
#include <cerrno>

#include "apply/apply.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

/// iptables with a lock file of its own, which is the same as none.
void without_lock(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"env", "XTABLES_LOCKFILE=/run/other.lock", "iptables-legacy"});
  lab::run_ok(arguments);
}

/// Applies; `meanwhile` happens when filter of IPv4 has been read and is about to be committed.
base::Result<Report> apply_and(const ir::Ruleset& ruleset, const std::function<void(int time)>& meanwhile) {
  Options options;
  options.progress = [&, times = 0](std::string_view message) mutable {
    if (message == "loading table filter (IPv4)") meanwhile(times++);
  };
  return apply::apply(*make_kernel(), ruleset, options);
}

/// A table with a chain of ours, so that no guard comes first, and a rule of somebody.
void set_up() {
  REQUIRE(apply::apply(*make_kernel(), accepting_ports({22})));
  without_lock({"-A", "INPUT", "-s", "192.0.2.1/32", "-j", "DROP"});
}

}  // namespace

TEST_CASE("a rule that another program adds meanwhile stays") {
  const Machine machine;
  set_up();
  REQUIRE(apply_and(accepting_ports({80}), [](int) { without_lock({"-A", "INPUT", "-i", "eth7", "-j", "DROP"}); }));
  const std::string save = saved_ipv4();
  CHECK(save.find("-A INPUT -i eth7 -j DROP") != std::string::npos);
  CHECK(save.find("--dport 80") != std::string::npos);
  CHECK(save.find("--dport 22") == std::string::npos);
}

TEST_CASE("a rule that another program puts in place of one of the same size meanwhile stays") {
  const Machine machine;
  set_up();
  REQUIRE(apply_and(accepting_ports({80}), [](int) {
    without_lock({"-R", "INPUT", "2", "-s", "192.0.2.2/32", "-j", "DROP"});
  }));
  const std::string save = saved_ipv4();
  CHECK(save.find("-A INPUT -s 192.0.2.2/32 -j DROP") != std::string::npos);
  CHECK(save.find("192.0.2.1") == std::string::npos);
  CHECK(save.find("--dport 80") != std::string::npos);
}

TEST_CASE("a policy that another program changes meanwhile is not lost") {
  const Machine machine;
  set_up();
  REQUIRE(apply_and(accepting_ports({80}), [](int) { without_lock({"-P", "FORWARD", "DROP"}); }));
  // FORWARD is ours to set in a policy that says ACCEPT; what counts is that the new reading was used.
  CHECK(saved_ipv4().find(":FORWARD ACCEPT") != std::string::npos);
  const auto kernel = make_kernel();
  auto table = kernel->open_table(net::Family::Ipv4, ir::TableName::Filter);
  REQUIRE(table);
  REQUIRE((*table)->create_chain("mine"));
  without_lock({"-P", "FORWARD", "DROP"});
  const auto done = (*table)->commit();
  REQUIRE_FALSE(done);
  CHECK(done.error().code == EAGAIN);
  CHECK(done.error().message == "another program keeps changing the table");
  CHECK(saved_ipv4().find(":FORWARD DROP") != std::string::npos);
}

TEST_CASE("counting packets is no change of a table") {
  const Machine machine;
  set_up();
  REQUIRE(apply_and(accepting_ports({80}), [](int time) {
    REQUIRE(time == 0);
    lab::run_ok({"bash", "-c", "echo x > /dev/udp/127.0.0.1/9"});
  }));
}

TEST_CASE("a libiptc table of the same moment is refused when the number of entries has changed") {
  const Machine machine;
  set_up();
  for (const TableWriter writer : {TableWriter::Own, TableWriter::Libiptc}) {
    auto table = make_kernel(writer)->open_table(net::Family::Ipv4, ir::TableName::Filter);
    REQUIRE(table);
    REQUIRE((*table)->create_chain("mine"));
    without_lock({"-A", "OUTPUT", "-o", "eth7", "-j", "DROP"});
    const auto done = (*table)->commit();
    REQUIRE_FALSE(done);
    CHECK(done.error().code == EAGAIN);
  }
}
