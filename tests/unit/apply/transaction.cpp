// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cerrno>

#include "apply/apply.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "steps.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using enum ir::TableName;
using Steps = std::vector<std::string>;

constexpr const char* kForwarding = "net/ipv4/ip_forward";
constexpr const char* kSyncookies = "net/ipv4/tcp_syncookies";

/// With rules in all tables and settings before and after them.
ir::Ruleset whole_ruleset(std::uint16_t port) {
  ir::Ruleset ruleset = accepting_ports({port});
  for (const ir::TableName table : {Raw, Mangle, Nat}) add_prerouting_port(ruleset, table, port);
  ruleset.sysctls = {{.path = kSyncookies, .value = "1"}, {.path = kForwarding, .value = "1", .after_rules = true}};
  ruleset.blocked = {*net::Prefix::parse("192.0.2.7")};
  return ruleset;
}

void give_settings(FakeKernel& kernel) { kernel.settings = {{kSyncookies, "0"}, {kForwarding, "0"}}; }

bool is_guarded(const FakeKernel& kernel, net::Family family) {
  return kernel.text(family, Filter).find("vuurmuur: applying") != std::string::npos;
}

/// Fails the step of that number; counts from 0 on every use.
std::function<int(const std::string&)> fail_step(std::size_t number, int code) {
  return [number, code, at = std::size_t{0}](const std::string&) mutable { return at++ == number ? code : 0; };
}

}  // namespace

TEST_CASE("the first apply writes settings, guard, other tables, filter, settings in that order") {
  FakeKernel kernel;
  give_settings(kernel);
  const auto report = apply::apply(kernel, whole_ruleset(22));
  REQUIRE(report);
  CHECK(only(kernel.steps, {"lock", "write", "commit", "end"}) ==
        Steps{"lock", "write net/ipv4/tcp_syncookies", "commit filter6", "commit filter4", "commit raw6", "commit raw4",
              "commit mangle6", "commit mangle4", "commit nat6", "commit nat4", "commit filter6", "commit filter4",
              "write net/ipv4/ip_forward", "end connections"});
  CHECK_FALSE(is_guarded(kernel, net::Family::Ipv4));
  CHECK_FALSE(is_guarded(kernel, net::Family::Ipv6));
  CHECK(report->rules == whole_ruleset(22).rule_count());
  CHECK(report->ended_connections == 1);
  CHECK(report->warnings.empty());
}

TEST_CASE("a change of filter alone is one commit a family, without a guard") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22})));
  kernel.steps.clear();
  REQUIRE(apply::apply(kernel, accepting_ports({22, 80})));
  CHECK(only(kernel.steps, {"commit"}) == Steps{"commit filter6", "commit filter4"});
}

TEST_CASE("applying what is in force commits nothing") {
  FakeKernel kernel;
  give_settings(kernel);
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  kernel.steps.clear();
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  CHECK(only(kernel.steps, {"commit", "write", "snapshot"}).empty());
}

TEST_CASE("a table that the new ruleset leaves empty is emptied") {
  FakeKernel kernel;
  give_settings(kernel);
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  REQUIRE(apply::apply(kernel, accepting_ports({22})));
  for (const net::Family family : net::kFamilies) {
    const std::string end = short_name(family, Raw) + "\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n";
    CHECK(kernel.text(family, Raw) == "*" + end);
  }
}

TEST_CASE("tables that hold nothing of ours and shall not are not even read") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22})));
  CHECK(kernel.tables.size() == 2);
}

TEST_CASE("a failure at any step leaves tables and settings as they were") {
  const auto prepare = [](FakeKernel& kernel) {
    give_settings(kernel);
    kernel.add_foreign(net::Family::Ipv4, Nat, "DOCKER", "RETURN", {1, 2});
    kernel.add_foreign(net::Family::Ipv4, Filter, "INPUT", "DROP", {3, 4}, "eth0");
    REQUIRE(apply::apply(kernel, accepting_ports({1000})));
    kernel.steps.clear();
  };
  FakeKernel whole;
  prepare(whole);
  REQUIRE(apply::apply(whole, whole_ruleset(22)));
  REQUIRE(whole.steps.back() == "end connections");

  for (std::size_t i = 0; i + 1 < whole.steps.size(); ++i) {
    INFO("step " << i << ": " << whole.steps[i]);
    FakeKernel kernel;
    prepare(kernel);
    // Reading a table makes it, which is no change that anybody could take back.
    for (const net::Family family : net::kFamilies)
      for (const ir::TableName table : ir::kTables) kernel.table(family, table);
    const std::string tables = kernel.text();
    const auto settings = kernel.settings;
    const auto files = kernel.file_system.files;
    kernel.fault = fail_step(i, EIO);
    const auto report = apply::apply(kernel, whole_ruleset(22));
    REQUIRE_FALSE(report);
    CHECK(report.error().code == EIO);
    CHECK(kernel.text() == tables);
    CHECK(kernel.settings == settings);
    CHECK(kernel.file_system.files == files);
  }
}

TEST_CASE("a reload that changes all tables goes from raw to filter and back to raw, without a guard") {
  FakeKernel kernel;
  give_settings(kernel);
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  kernel.steps.clear();
  REQUIRE(apply::apply(kernel, whole_ruleset(80)));
  CHECK(only(kernel.steps, {"commit"}) == Steps{"commit raw6", "commit raw4", "commit mangle6", "commit mangle4",
                                                "commit filter6", "commit filter4", "commit nat6", "commit nat4",
                                                "commit filter6", "commit filter4", "commit nat6", "commit nat4",
                                                "commit raw6", "commit raw4"});
}

TEST_CASE("a change of nat alone is one commit a family") {
  FakeKernel kernel;
  ir::Ruleset before = accepting_ports({22}), after = before;
  add_prerouting_port(before, Nat, 80);
  add_prerouting_port(after, Nat, 81);
  REQUIRE(apply::apply(kernel, before));
  kernel.steps.clear();
  REQUIRE(apply::apply(kernel, after));
  CHECK(only(kernel.steps, {"commit"}) == Steps{"commit nat6", "commit nat4"});
}

TEST_CASE("the first apply is guarded until filter is in force, also on its way back") {
  const ir::Ruleset ruleset = whole_ruleset(22);
  for (std::size_t i = 0; i < 80; ++i) {
    FakeKernel kernel;
    give_settings(kernel);
    kernel.fault = [&, failing = fail_step(i, EIO)](const std::string& step) mutable {
      if (step.starts_with("commit") || step.starts_with("restore")) {
        for (const net::Family family : net::kFamilies) {
          const bool has_content = kernel.text(family, Filter).find("VRMR-INPUT") != std::string::npos;
          const bool has_nat = kernel.text(family, Nat).find("VRMR-PRE") != std::string::npos;
          INFO("before step " << step);
          CHECK((is_guarded(kernel, family) || has_content == has_nat));
        }
      }
      return failing(step);
    };
    static_cast<void>(apply::apply(kernel, ruleset));
  }
}

TEST_CASE("failing to end blocked connections is a warning") {
  FakeKernel kernel;
  give_settings(kernel);
  kernel.fault = [](const std::string& step) { return step == "end connections" ? EPERM : 0; };
  const auto report = apply::apply(kernel, whole_ruleset(22));
  REQUIRE(report);
  CHECK(report->warnings ==
        std::vector<std::string>{
            "live connections of blocked addresses may go on: end connections: operation not permitted"});
}

TEST_CASE("a table that somebody changes meanwhile is read and edited again") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22})));
  int changes = 0;
  kernel.fault = [&](const std::string& step) {
    if (step != "commit filter4" || changes++ > 0) return 0;
    kernel.add_foreign(net::Family::Ipv4, Filter, "INPUT", "DROP", {1, 1}, "eth5");
    ++kernel.table(net::Family::Ipv4, Filter).version;
    return 0;
  };
  REQUIRE(apply::apply(kernel, accepting_ports({80})));
  CHECK(kernel.text(net::Family::Ipv4, Filter).find("[1:1] -i eth5 -j DROP") != std::string::npos);
  CHECK(kernel.text(net::Family::Ipv4, Filter).find("--dport 80") != std::string::npos);
}

TEST_CASE("a table that is changed again and again is given up after some tries") {
  FakeKernel kernel;
  kernel.table(net::Family::Ipv6, Filter);
  kernel.fault = [](const std::string& step) { return step == "commit filter6" ? EAGAIN : 0; };
  const auto report = apply::apply(kernel, accepting_ports({22}));
  REQUIRE_FALSE(report);
  CHECK(report.error().code == EAGAIN);
  CHECK(only(kernel.steps, {"commit"}).size() == 5);
}

TEST_CASE("the guard of an apply that was killed goes with the next apply and with clear") {
  for (const bool by_clear : {false, true}) {
    FakeKernel kernel;
    give_settings(kernel);
    // "Killed": nothing after the guard of both families works any more, not even going back.
    std::size_t commits = 0;
    kernel.fault = [&](const std::string& step) {
      if (step.starts_with("commit") && ++commits <= 2) return 0;
      return step.starts_with("commit") || step.starts_with("restore") ? EIO : 0;
    };
    REQUIRE_FALSE(apply::apply(kernel, whole_ruleset(22)));
    REQUIRE(is_guarded(kernel, net::Family::Ipv4));
    REQUIRE(is_guarded(kernel, net::Family::Ipv6));
    kernel.fault = {};
    REQUIRE((by_clear ? apply::clear(kernel) : apply::apply(kernel, whole_ruleset(22))));
    CHECK_FALSE(is_guarded(kernel, net::Family::Ipv4));
    CHECK_FALSE(is_guarded(kernel, net::Family::Ipv6));
  }
}

TEST_CASE("what cannot be put back is told with the error") {
  FakeKernel kernel;
  give_settings(kernel);
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  kernel.fault = [](const std::string& step) { return step == "commit nat4" || step == "restore raw6" ? ENOMEM : 0; };
  const auto report = apply::apply(kernel, whole_ruleset(80));
  REQUIRE_FALSE(report);
  CHECK(report.error().message ==
        "load table nat (IPv4): commit nat4: cannot allocate memory; not all could be put back: restore raw6: cannot "
        "allocate memory");
}

TEST_CASE("a kernel without IPv6 gets the IPv4 rules and a warning") {
  FakeKernel kernel;
  kernel.has_ipv6 = false;
  const auto report = apply::apply(kernel, accepting_ports({22}));
  REQUIRE(report);
  CHECK(report->warnings == std::vector<std::string>{"this kernel has no IPv6; its rules were left out"});
  CHECK(kernel.tables.size() == 1);
}

TEST_CASE("clear takes all of ours out, filter last, and leaves what is of others") {
  FakeKernel kernel;
  give_settings(kernel);
  kernel.add_foreign(net::Family::Ipv4, Nat, "DOCKER", "RETURN", {1, 2});
  kernel.add_foreign(net::Family::Ipv4, Nat, "PREROUTING", "DOCKER", {3, 4});
  for (const net::Family family : net::kFamilies)
    for (const ir::TableName table : ir::kTables) kernel.table(family, table);
  const std::string before = kernel.text();
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  kernel.steps.clear();
  const auto report = apply::clear(kernel);
  REQUIRE(report);
  CHECK(report->rules == 0);
  CHECK(kernel.text() == before);
  CHECK(only(kernel.steps, {"commit", "write"}) ==
        Steps{"commit raw6", "commit raw4", "commit mangle6", "commit mangle4", "commit nat6", "commit nat4",
              "commit filter6", "commit filter4", "write net/ipv4/ip_forward", "write net/ipv4/tcp_syncookies"});
  CHECK(kernel.settings == std::map<std::string, std::string>{{kSyncookies, "0"}, {kForwarding, "0"}});
  CHECK(kernel.file_system.files.empty());
}

TEST_CASE("clear opens a filter table that was closed by its policies alone") {
  FakeKernel kernel;
  kernel.table(net::Family::Ipv4, Filter).find("FORWARD")->policy->drop = true;
  REQUIRE(apply::clear(kernel));
  CHECK(kernel.text() == "*filter4\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n");
}

TEST_CASE("a clear that fails leaves everything as it was") {
  FakeKernel kernel;
  give_settings(kernel);
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  const std::string before = kernel.text();
  kernel.fault = [](const std::string& step) { return step == "commit filter4" ? EIO : 0; };
  REQUIRE_FALSE(apply::clear(kernel));
  CHECK(kernel.text() == before);
  CHECK(kernel.settings.at(kForwarding) == "1");
}
