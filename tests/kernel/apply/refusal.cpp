// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel refuses is named, and leaves everything byte for byte as it was.
#include <fcntl.h>

#include "apply/apply.h"
#include "base/unique_fd.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

/// A machine with a firewall of ours in force and chains of others, all with counters.
void set_up(Kernel& kernel) {
  ir::Ruleset ruleset = accepting_ports({22, 25});
  for (const ir::TableName table : {ir::TableName::Raw, ir::TableName::Mangle, ir::TableName::Nat})
    add_prerouting_port(ruleset, table, 22);
  REQUIRE(apply::apply(kernel, ruleset));
  lab::run_ok({"iptables-legacy", "-N", "theirs"});
  lab::run_ok({"iptables-legacy", "-I", "INPUT", "-c", "5", "6", "-i", "eth3", "-j", "theirs"});
  lab::run_ok({"ip6tables-legacy", "-A", "FORWARD", "-c", "7", "8", "-i", "eth3", "-j", "DROP"});
  lab::run_ok({"iptables-legacy", "-t", "raw", "-A", "PREROUTING", "-c", "9", "10", "-i", "eth3", "-j", "DROP"});
  lab::run_ok({"iptables-legacy", "-P", "FORWARD", "DROP"});
}

/// Changes in every table, so that the refused one comes late.
ir::Ruleset next_generation() {
  ir::Ruleset ruleset = accepting_ports({80});
  for (const ir::TableName table : {ir::TableName::Raw, ir::TableName::Mangle, ir::TableName::Nat})
    add_prerouting_port(ruleset, table, 80);
  return ruleset;
}

/// A message without the lines of the kernel's log, which cannot be read everywhere.
std::string without_log(const std::string& message) { return message.substr(0, message.find(" (the kernel's log: ")); }

}  // namespace

TEST_CASE("a TCP reset without TCP is refused by name and place, and nothing has changed") {
  const Machine machine;
  const auto kernel = make_kernel();
  set_up(*kernel);
  const std::string before = saved();
  ir::Ruleset ruleset = next_generation();
  ChainBuilder chain(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT");
  for (int number = 2; number < 500; ++number) chain.accept_port(static_cast<std::uint16_t>(number), number);
  chain.add({.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset}}, "rule 500: reject any",
            "rules/rules.conf:517");
  for (int number = 501; number < 1000; ++number) chain.accept_port(static_cast<std::uint16_t>(number), number);
  const auto report = apply::apply(*kernel, ruleset);
  REQUIRE_FALSE(report);
  CHECK(without_log(report.error().message) ==
        "load table filter (IPv4): the kernel refused rule 500: reject any (rules/rules.conf:517): invalid argument: "
        "-A VRMR-INPUT -j REJECT --reject-with tcp-reset");
  CHECK(saved() == before);
}

TEST_CASE("a helper that the kernel does not know is refused by name, from the first table on") {
  const Machine machine;
  const auto kernel = make_kernel();
  set_up(*kernel);
  const std::string before = saved();
  ir::Ruleset ruleset = next_generation();
  ir::Rule rule{.protocol = net::Protocol::Tcp, .target = ir::CtHelperTarget{.helper = "no-such-helper"}};
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Raw, "VRMR-PRE")
      .add(std::move(rule), "rule 3: accept strange", "rules/rules.conf:4");
  const auto report = apply::apply(*kernel, ruleset);
  REQUIRE_FALSE(report);
  CHECK(without_log(report.error().message) ==
        "load table raw (IPv4): the kernel refused rule 3: accept strange (rules/rules.conf:4): a match, target or "
        "helper is "
        "missing in this kernel: -A VRMR-PRE -p tcp -j CT --helper no-such-helper");
  CHECK(saved() == before);
}

TEST_CASE("a target in a chain that the wrong hook leads to is refused at the target, not at the jump") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Nat, "VRMR-PRE")
      .add({.target = ir::MasqueradeTarget{}}, "rule 1: masq", "rules/rules.conf:1");
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Nat, "PREROUTING").jump("VRMR-PRE");
  const auto report = apply::apply(*kernel, ruleset);
  REQUIRE_FALSE(report);
  CHECK(without_log(report.error().message) ==
        "load table nat (IPv4): the kernel refused rule 1: masq (rules/rules.conf:1): invalid argument: "
        "-A VRMR-PRE -j MASQUERADE");
}

TEST_CASE("chains that jump in a loop are refused as that") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder(ruleset, net::Family::Ipv6, ir::TableName::Filter, "VRMR-INPUT").jump("VRMR-A");
  ChainBuilder(ruleset, net::Family::Ipv6, ir::TableName::Filter, "VRMR-A").jump("VRMR-INPUT");
  const auto report = apply::apply(*kernel, ruleset);
  REQUIRE_FALSE(report);
  CHECK(without_log(report.error().message) ==
        "load table filter (IPv6): the kernel refused jump: the chains jump in a loop: -A VRMR-A -j VRMR-INPUT");
}

TEST_CASE("the caller is in its own namespace after a search for the refused rule") {
  const Machine machine;
  const auto kernel = make_kernel();
  restore_ipv4("*filter\n:mine - [0:0]\nCOMMIT\n");
  ir::Ruleset ruleset;
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset}}, "rule 1: reject any");
  REQUIRE_FALSE(apply::apply(*kernel, ruleset));
  CHECK(saved_ipv4().find(":mine - [0:0]\n") != std::string::npos);
}

TEST_CASE("where the kernel's log can be read, its reason is quoted") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset ruleset;
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset}}, "rule 1: reject any");
  const auto report = apply::apply(*kernel, ruleset);
  REQUIRE_FALSE(report);
  const std::string& message = report.error().message;
  if (!base::UniqueFd(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC))) {
    CHECK(without_log(message) == message);
    return;
  }
  CHECK(message.find(" (the kernel's log: ") != std::string::npos);
  CHECK(message.find("TCP_RESET") != std::string::npos);
}
