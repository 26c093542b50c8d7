// SPDX-License-Identifier: GPL-2.0-or-later
// What can go wrong between us and the kernel: each has its message, and what was in force stays, byte for byte.
#include <algorithm>
#include <cerrno>

#include "apply/apply.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using enum ir::TableName;

constexpr const char* kForwarding = "net/ipv4/ip_forward";

/// A ruleset in all tables, with sets and settings.
ir::Ruleset generation(std::uint16_t port, const std::string& source) {
  ir::Ruleset ruleset = accepting_sources({source});
  for (const ir::TableName table : {Raw, Mangle, Nat}) add_prerouting_port(ruleset, table, port);
  ChainBuilder(ruleset, net::Family::Ipv4, Filter, "VRMR-INPUT")
      .accept_port(port, 2)
      .add({.target = ir::RejectTarget{}}, "rule 3: reject any", "rules/rules.conf:3");
  ruleset.sysctls = {{.path = kForwarding, .value = port == 22 ? "0" : "1", .after_rules = true}};
  return ruleset;
}

struct Fault {
  std::string name;
  std::function<void(FakeKernel&)> arrange;
  int code = 0;
  std::string message;
};

std::function<void(FakeKernel&)> failing(const std::string& begin, int code) {
  return [=](FakeKernel& kernel) {
    kernel.fault = [=](const std::string& step) { return step.starts_with(begin) ? code : 0; };
  };
}

std::vector<Fault> faults(const std::string& set) {
  const std::string in_set = "load set " + set + " of rule 1: accept any from list (rules/rules.conf:1): create " + set;
  return {
      {"a match is missing",
       [](FakeKernel& kernel) {
         kernel.refused_text = "--dport 80";
         kernel.missing = {{.is_target = false, .name = "tcp", .revision = 0}};
       },
       ENOENT,
       "load table raw (IPv6): the kernel refused rule 1: accept port 80 (rules/rules.conf:1): the kernel has no match "
       "\"tcp\": -A VRMR-PRE -p tcp -m tcp --dport 80 -j ACCEPT"},
      {"a target is missing",
       [](FakeKernel& kernel) {
         kernel.fault = [](const std::string& step) { return step == "commit filter4" ? ENOENT : 0; };
         kernel.missing = {{.is_target = true, .name = "REJECT", .revision = 0}};
       },
       ENOENT,
       "load table filter (IPv4): the kernel refused rule 3: reject any (rules/rules.conf:3): the kernel has no target "
       "\"REJECT\": -A VRMR-INPUT -j REJECT --reject-with icmp-port-unreachable"},
      {"a type of set is missing", failing("create", EPROTONOSUPPORT), EPROTONOSUPPORT,
       in_set + ": protocol not supported"},
      {"no memory for a set", failing("create", ENOMEM), ENOMEM, in_set + ": cannot allocate memory"},
      {"no memory for a table", failing("commit filter4", ENOMEM), ENOMEM,
       "load table filter (IPv4): commit filter4: cannot allocate memory"},
      {"a table that is too large", failing("commit nat4", E2BIG), E2BIG,
       "load table nat (IPv4): commit nat4: argument list too long"},
      {"another program changes the table all the time", failing("commit mangle6", EAGAIN), EAGAIN,
       "load table mangle (IPv6): commit mangle6: resource temporarily unavailable"},
      {"another program holds the lock", failing("lock", ETIMEDOUT), ETIMEDOUT, "lock: connection timed out"},
      {"no memory is left", [](FakeKernel& kernel) { kernel.memory = 1000; }, ENOMEM,
       "a table of 6 rules and 1 elements of sets need at least 0 MB of memory while they are loaded, and this machine "
       "has 0 MB left"},
  };
}

}  // namespace

TEST_CASE("a fault of the kernel or of other programs has its message and changes nothing") {
  const ir::Ruleset next = generation(80, "192.0.2.2");
  for (const Fault& fault : faults(next.sets[0].name)) {
    INFO(fault.name);
    FakeKernel kernel;
    kernel.settings = {{kForwarding, "0"}};
    kernel.add_foreign(net::Family::Ipv4, Filter, "INPUT", "DROP", {3, 4}, "eth0");
    REQUIRE(apply::apply(kernel, generation(22, "192.0.2.1")));
    const std::string tables = kernel.text();
    const auto settings = kernel.settings;
    const auto sets = kernel.set_names();
    const auto files = kernel.file_system.files;

    fault.arrange(kernel);
    const auto report = apply::apply(kernel, next);
    REQUIRE_FALSE(report);
    CHECK(report.error().message == fault.message);
    CHECK(report.error().code == fault.code);
    CHECK(kernel.text() == tables);
    CHECK(kernel.settings == settings);
    CHECK(kernel.set_names() == sets);
    CHECK(kernel.file_system.files == files);
  }
}

TEST_CASE("what is true of the table as a whole is not searched for in its rules") {
  for (const int code : {ENOMEM, E2BIG, EAGAIN, EPERM}) {
    FakeKernel kernel;
    REQUIRE(apply::apply(kernel, generation(22, "192.0.2.1")));
    failing("commit filter4", code)(kernel);
    kernel.has_scratch = false;  // a search would say so
    const auto report = apply::apply(kernel, generation(80, "192.0.2.2"));
    REQUIRE_FALSE(report);
    CHECK(report.error().message.starts_with("load table filter (IPv4): commit filter4: "));
  }
}

TEST_CASE("a ruleset that cannot be held is refused before anything is asked of the kernel") {
  FakeKernel kernel;
  kernel.memory = 1000;
  REQUIRE_FALSE(apply::apply(kernel, generation(80, "192.0.2.2")));
  CHECK(kernel.steps.empty());
}
