// SPDX-License-Identifier: GPL-2.0-or-later
// What others have in the kernel stays: chains, rules, order, counters.
#include "apply/apply.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

/// As docker, fail2ban and an administrator leave them, with packets counted.
constexpr std::string_view kOthers =
    "*nat\n"
    ":PREROUTING ACCEPT [10:1000]\n"
    ":INPUT ACCEPT [0:0]\n"
    ":OUTPUT ACCEPT [0:0]\n"
    ":POSTROUTING ACCEPT [7:70]\n"
    ":DOCKER - [0:0]\n"
    "[5:300] -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
    "[6:360] -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n"
    "[1:60] -A DOCKER -i docker0 -j RETURN\n"
    "[2:120] -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n"
    "COMMIT\n"
    "*filter\n"
    ":INPUT ACCEPT [0:0]\n"
    ":FORWARD ACCEPT [0:0]\n"
    ":OUTPUT ACCEPT [0:0]\n"
    ":DOCKER-USER - [0:0]\n"
    ":f2b-sshd - [0:0]\n"
    "[40:4000] -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n"
    "[41:4100] -A INPUT -i wg0 -j ACCEPT\n"
    "[9:900] -A FORWARD -j DOCKER-USER\n"
    "[9:901] -A DOCKER-USER -j RETURN\n"
    "[3:180] -A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable\n"
    "[37:3820] -A f2b-sshd -j RETURN\n"
    "COMMIT\n";

ir::Ruleset with_all_tables(std::uint16_t port) {
  ir::Ruleset ruleset = accepting_ports({port});
  for (const ir::TableName table : {ir::TableName::Raw, ir::TableName::Mangle, ir::TableName::Nat})
    add_prerouting_port(ruleset, table, port);
  return ruleset;
}

}  // namespace

TEST_CASE("chains, rules and counters of others survive apply, re-apply and clear") {
  const Machine machine;
  restore_ipv4(kOthers);
  const std::string nat_before = saved_ipv4("nat"), filter_before = saved_ipv4("filter");
  const auto kernel = make_kernel();

  REQUIRE(apply::apply(*kernel, with_all_tables(22)));
  // Fail2ban starts again: its jump goes in front; another rule of somebody goes behind ours.
  lab::run_ok({"iptables-legacy", "-I", "INPUT", "-i", "eth9", "-c", "11", "12", "-j", "f2b-sshd"});
  lab::run_ok({"iptables-legacy", "-A", "INPUT", "-i", "eth8", "-c", "13", "14", "-j", "DROP"});
  REQUIRE(apply::apply(*kernel, with_all_tables(80)));
  CHECK(saved_ipv4("mangle") ==
        "*mangle\n"
        ":PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        ":POSTROUTING ACCEPT [0:0]\n:VRMR-PRE - [0:0]\n"
        "[0:0] -A PREROUTING -j VRMR-PRE\n"
        "[0:0] -A VRMR-PRE -p tcp -m tcp --dport 80 -m comment --comment \"rule 1: accept port 80\" -j ACCEPT\n"
        "COMMIT\n");
  CHECK(saved_ipv4("raw") ==
        "*raw\n"
        ":PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:VRMR-PRE - [0:0]\n"
        "[0:0] -A PREROUTING -j VRMR-PRE\n"
        "[0:0] -A VRMR-PRE -p tcp -m tcp --dport 80 -m comment --comment \"rule 1: accept port 80\" -j ACCEPT\n"
        "COMMIT\n");
  CHECK(saved_ipv4("nat") ==
        "*nat\n"
        ":PREROUTING ACCEPT [10:1000]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [7:70]\n"
        ":DOCKER - [0:0]\n:VRMR-PRE - [0:0]\n"
        "[5:300] -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
        "[0:0] -A PREROUTING -j VRMR-PRE\n"
        "[6:360] -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n"
        "[1:60] -A DOCKER -i docker0 -j RETURN\n"
        "[2:120] -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n"
        "[0:0] -A VRMR-PRE -p tcp -m tcp --dport 80 -m comment --comment \"rule 1: accept port 80\" -j ACCEPT\n"
        "COMMIT\n");
  CHECK(saved_ipv4("filter") ==
        "*filter\n"
        ":INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
        ":DOCKER-USER - [0:0]\n:VRMR-INPUT - [0:0]\n:f2b-sshd - [0:0]\n"
        "[11:12] -A INPUT -i eth9 -j f2b-sshd\n"
        "[40:4000] -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n"
        "[41:4100] -A INPUT -i wg0 -j ACCEPT\n"
        "[0:0] -A INPUT -j VRMR-INPUT\n"
        "[13:14] -A INPUT -i eth8 -j DROP\n"
        "[9:900] -A FORWARD -j DOCKER-USER\n"
        "[9:901] -A DOCKER-USER -j RETURN\n"
        "[0:0] -A VRMR-INPUT -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment established -j ACCEPT\n"
        "[0:0] -A VRMR-INPUT -p tcp -m tcp --dport 80 -m comment --comment \"rule 1: accept port 80\" -j ACCEPT\n"
        "[3:180] -A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable\n"
        "[37:3820] -A f2b-sshd -j RETURN\n"
        "COMMIT\n");

  REQUIRE(apply::clear(*kernel));
  CHECK(saved_ipv4("raw") == "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
  CHECK(saved_ipv4("nat") == nat_before);
  std::string filter = filter_before;
  filter.insert(filter.find("[40:4000]"), "[11:12] -A INPUT -i eth9 -j f2b-sshd\n");
  filter.insert(filter.find("[9:900]"), "[13:14] -A INPUT -i eth8 -j DROP\n");
  CHECK(saved_ipv4("filter") == filter);
}

TEST_CASE("what an earlier generation left in any table is gone after the next apply") {
  const Machine machine;
  const auto kernel = make_kernel();
  REQUIRE(apply::apply(*kernel, with_all_tables(22)));
  REQUIRE(apply::apply(*kernel, accepting_ports({22})));
  for (const std::string& save : {saved_ipv4(), saved_ipv6()}) CHECK(save.find("VRMR-PRE") == std::string::npos);
  CHECK(saved_ipv4().find("VRMR-INPUT") != std::string::npos);
}

TEST_CASE("the user's hook chain is made once, keeps what is put in it, and stays after clear") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder own(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT");
  ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
  own.add({.target = ir::JumpTarget{filter.chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign)}}, "the user's chain");
  REQUIRE(apply::apply(*kernel, ruleset));
  lab::run_ok({"iptables-legacy", "-A", "PRE-VRMR-INPUT", "-i", "eth0", "-c", "3", "4", "-j", "DROP"});
  REQUIRE(apply::apply(*kernel, ruleset));
  REQUIRE(apply::clear(*kernel));
  CHECK(saved_ipv4() ==
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:PRE-VRMR-INPUT - [0:0]\n"
        "[3:4] -A PRE-VRMR-INPUT -i eth0 -j DROP\nCOMMIT\n");
}

TEST_CASE("rules that do not change keep their counters over a reload") {
  const Machine machine;
  const auto kernel = make_kernel();
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.in_interface = "lo", .target = ir::AcceptTarget{}}, "loopback");
  REQUIRE(apply::apply(*kernel, ruleset));
  // One datagram to a port where nobody listens, and the answer to it.
  lab::run_ok({"bash", "-c", "echo x > /dev/udp/127.0.0.1/9"});
  const auto counted = [] {
    const std::string save = saved_ipv4();
    const std::size_t rule = save.find(" -A VRMR-INPUT -i lo");
    const std::size_t begin = save.rfind('\n', rule) + 1;
    return save.substr(begin, rule - begin);
  };
  const std::string before = counted();
  REQUIRE(before != "[0:0]");
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT").accept_port(443, 2);
  REQUIRE(apply::apply(*kernel, ruleset));
  CHECK(counted() == before);
}
