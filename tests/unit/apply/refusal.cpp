// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>

#include "apply/apply.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

std::vector<std::uint16_t> many_ports() {
  std::vector<std::uint16_t> ports;
  for (std::uint16_t port = 1; port <= 1000; ++port) ports.push_back(port);
  return ports;
}

}  // namespace

TEST_CASE("the rule that the kernel refuses is named with its place") {
  FakeKernel kernel;
  kernel.refused_text = "--dport 666 ";
  const auto report = apply::apply(kernel, accepting_ports(many_ports()));
  REQUIRE_FALSE(report);
  CHECK(report.error().message ==
        "load table filter (IPv6): the kernel refused rule 666: accept port 666 (rules/rules.conf:666): invalid "
        "argument: "
        "-A VRMR-INPUT -p tcp -m tcp --dport 666 -j ACCEPT");
  CHECK(report.error().code == EINVAL);
}

TEST_CASE("a match that the kernel has not got is named") {
  FakeKernel kernel;
  kernel.refused_text = "--dport 22";
  kernel.missing = {{.is_target = false, .name = "tcp", .revision = 0}};
  const auto report = apply::apply(kernel, accepting_ports({80, 22}));
  REQUIRE_FALSE(report);
  CHECK(report.error().message ==
        "load table filter (IPv6): the kernel refused rule 1: accept port 80 (rules/rules.conf:1): the kernel has no "
        "match "
        "\"tcp\": -A VRMR-INPUT -p tcp -m tcp --dport 80 -j ACCEPT");
}

TEST_CASE("without a scratch namespace the refusal says why no rule is named") {
  FakeKernel kernel;
  kernel.refused_text = "--dport 22 ";
  kernel.has_scratch = false;
  const auto report = apply::apply(kernel, accepting_ports({80, 22}));
  REQUIRE_FALSE(report);
  CHECK(report.error().message ==
        "load table filter (IPv6): invalid argument (which rule it is could not be found out: make a network namespace "
        "to "
        "try rules in: operation not permitted)");
}

TEST_CASE("a refusal that our rules alone do not cause is told so") {
  FakeKernel kernel;
  kernel.add_foreign(net::Family::Ipv6, ir::TableName::Filter, "INPUT", "ACCEPT", {}, "bad0");
  kernel.refused_text = "-i bad0";
  // Filter has our chains already, so that no guard comes first.
  kernel.table(net::Family::Ipv6, ir::TableName::Filter)
      .chains.push_back({.name = "VRMR-INPUT", .policy = {}, .rules = {}});
  const auto report = apply::apply(kernel, accepting_ports({22}));
  REQUIRE_FALSE(report);
  CHECK(report.error().message ==
        "load table filter (IPv6): invalid argument (which rule it is could not be found out: its rules alone are "
        "accepted in "
        "an empty network namespace)");
}

TEST_CASE("what the kernel says in its log about the refused table is quoted, and nothing that it said before") {
  FakeKernel kernel;
  kernel.refused_text = "--dport 22 ";
  kernel.complaints = {"xt_tcp: says before"};
  REQUIRE_FALSE(apply::apply(kernel, accepting_ports({80, 22})));
  kernel.complaints = {"xt_tcp: no port 22", "xt_tcp: really not"};
  for (const bool has_scratch : {true, false}) {
    kernel.has_scratch = has_scratch;
    const auto report = apply::apply(kernel, accepting_ports({80, 22}));
    REQUIRE_FALSE(report);
    CHECK(report.error().message.ends_with(" (the kernel's log: xt_tcp: no port 22; xt_tcp: really not)"));
    CHECK(report.error().message.find("before") == std::string::npos);
  }
}
