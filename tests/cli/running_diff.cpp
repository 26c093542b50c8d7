// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel runs held against a configuration: diff --running.
#include <nlohmann/json.hpp>

#include "helpers/firewall.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Firewall;
using vuurmuur::test::Outcome;
namespace lab = vuurmuur::lab;

namespace {

constexpr auto kEqual = "the kernel's tables treat every packet as the policy says\n";
constexpr auto kQueues =
    "accept service http from world.inet to firewall\nnfqueue service any from web.world.inet to firewall options "
    "nfqueuenum=\"7\"\nredirect service http from mail.world.inet to firewall options redirectport=\"3128\"";

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("what was applied is what the kernel does, with queues and translation") {
  const Firewall firewall;
  firewall.tree.rules(kQueues);
  REQUIRE(firewall.apply({"--backend=xtables"}).status == 0);
  const std::string directory = firewall.tree.path().string();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"diff", "--running"}, {"diff", "--running", "1"}, {"diff", "--running", directory}}) {
    const Outcome same = firewall.run(words);
    INFO(same.out << same.err);
    CHECK(same.status == 0);
    CHECK(same.out.ends_with(kEqual));
  }
  CHECK(firewall.run({"diff", "--running"}).out == std::string("--- generation 1\n+++ the kernel\n") + kEqual);
  CHECK(firewall.json({"diff", "--running"}).at("equal") == true);
}

TEST_CASE("a rule that another program put before ours is told, with a packet") {
  const Firewall firewall;
  firewall.tree.rules(kQueues);
  REQUIRE(firewall.apply({"--backend=xtables"}).status == 0);
  lab::run_ok({"iptables-legacy", "-I", "INPUT", "-s", "192.0.2.66", "-p", "tcp", "--dport", "23", "-j", "ACCEPT"});
  const Outcome differs = firewall.run({"diff", "--running"});
  INFO(differs.out << differs.err);
  CHECK(differs.status == 1);
  CHECK(has(differs.out,
            "IPv4 INPUT:\n  policy   dropped by the policy of the chain\n  kernel   accepted by -A \"INPUT\" -s "
            "192.0.2.66/32 -p tcp -m tcp --dport 23 -j ACCEPT\n  example  tcp 192.0.2.66:"));
  CHECK(has(differs.out, " (world.inet > "));
  CHECK_FALSE(has(differs.out, "IPv6"));
  CHECK_FALSE(has(differs.out, "not compared"));
  CHECK_FALSE(has(differs.out, "not finished"));
  const auto document = firewall.json({"diff", "--running"});
  CHECK(document.at("equal") == false);
  REQUIRE_FALSE(document.at("rows").empty());
  CHECK(document.at("rows")[0].at("family") == "ipv4");
  CHECK(document.at("rows")[0].at("table") == "filter");
  CHECK(document.at("rows")[0].at("kernel").at("verdict") == "accepted");
  CHECK(document.at("rows")[0].at("kernel").at("rule").is_null());

  // One that makes no difference is none.
  lab::run_ok({"iptables-legacy", "-D", "INPUT", "1"});
  lab::run_ok({"iptables-legacy", "-I", "INPUT", "-s", "192.0.2.66", "-i", "eth0", "-j", "RETURN"});
  const Outcome returned = firewall.run({"diff", "--running"});
  INFO(returned.out);
  CHECK(has(returned.out, "kernel   dropped by the policy of the chain"));
  lab::run_ok({"iptables-legacy", "-R", "INPUT", "1", "-s", "192.0.2.66", "-m", "conntrack", "--ctstate", "NEW", "-m",
               "comment", "--comment", "counts"});
  CHECK(firewall.run({"diff", "--running"}).status == 0);
}

TEST_CASE("rules of ours that somebody changed are told by the rule of the configuration") {
  const Firewall firewall;
  // Two rules that send to the queue share the chain in which its number stands.
  firewall.tree.rules(std::string(kQueues) +
                      "\nnfqueue service any from mail.world.inet to firewall options nfqueuenum=\"7\"");
  REQUIRE(firewall.apply({"--backend=xtables"}).status == 0);
  // Another queue for the first packets, the same for the others.
  lab::run_ok({"iptables-legacy", "-R", "VRMR-NEWQ7", "2", "-j", "NFQUEUE", "--queue-num", "8"});
  const Outcome queue = firewall.run({"diff", "--running"});
  INFO(queue.out << queue.err);
  CHECK(queue.status == 1);
  CHECK(has(queue.out, "to queue 7, connection mark 0x10007000/0x3ffff000"));
  CHECK(has(queue.out, "to queue 8, connection mark 0x10007000/0x3ffff000"));
  lab::run_ok({"iptables-legacy", "-R", "VRMR-NEWQ7", "2", "-j", "NFQUEUE", "--queue-num", "7"});
  CHECK(firewall.run({"diff", "--running"}).status == 0);

  // Translation and IPv6 count as well.
  lab::run_ok({"iptables-legacy", "-t", "nat", "-A", "PREROUTING", "-p", "tcp", "--dport", "81", "-j", "REDIRECT",
               "--to-ports", "80"});
  lab::run_ok({"ip6tables-legacy", "-P", "INPUT", "ACCEPT"});
  const Outcome more = firewall.run({"diff", "--running"});
  INFO(more.out << more.err);
  CHECK(has(more.out, "IPv4 PREROUTING of table nat:\n"));
  CHECK(has(more.out, "IPv6 INPUT:\n"));
}

TEST_CASE("elements of sets count, and not only their names") {
  const Firewall firewall;
  std::string blocked;
  for (int i = 1; i < 40; ++i) blocked += "RULE=\"block 198.51.100." + std::to_string(2 * i) + "\"\n";
  firewall.tree.write("rules/blocklist.conf", blocked);
  REQUIRE(firewall.apply({"--backend=xtables"}).status == 0);
  // One set is for sources and one for destinations.
  std::vector<std::string> holding;
  const std::string sets = lab::run_ok({"ipset", "list", "-n"});
  for (std::size_t at = 0; at < sets.size();) {
    const std::string name = sets.substr(at, sets.find('\n', at) - at);
    if (has(lab::run_ok({"ipset", "save", name}), " 198.51.100.2\n")) holding.push_back(name);
    at += name.size() + 1;
  }
  REQUIRE_FALSE(holding.empty());
  CHECK(firewall.run({"diff", "--running"}).status == 0);
  for (const std::string& name : holding) lab::run_ok({"ipset", "del", name, "198.51.100.2"});
  const Outcome differs = firewall.run({"diff", "--running"});
  INFO(differs.out << differs.err);
  CHECK(differs.status == 1);
  CHECK(
      has(differs.out,
          "  kernel   accepted by rule 1 (rules/rules.conf:1): accept http from world.inet to firewall\n  example  tcp "
          "198.51.100.2:"));
}

TEST_CASE("what is not known is not taken for equal") {
  const Firewall firewall;
  CHECK(firewall.run({"diff", "--running"}).status == 2);
  CHECK(firewall.run({"diff", "--running", "/nowhere/at/all"}).status == 2);
  CHECK(firewall.run({"diff", "--running", "--traffic"}).status == 2);
  CHECK(firewall.run({"diff", "--running", "1", "2"}).status == 2);
  // Nothing is loaded: everything passes.
  const Outcome empty = firewall.run({"diff", "--running", firewall.tree.path().string()});
  INFO(empty.out << empty.err);
  CHECK(empty.status == 1);
  CHECK(has(empty.out, "kernel   accepted by the policy of the chain"));
  REQUIRE(firewall.apply({"--backend=nft"}).status == 0);
  const Outcome nft = firewall.run({"diff", "--running"});
  CHECK(nft.status == 2);
  CHECK(has(nft.err, "nf_tables"));
}

TEST_CASE("chains of others in nf_tables that may let packets fall are named") {
  const Firewall firewall;
  REQUIRE(firewall.apply({"--backend=xtables"}).status == 0);
  lab::run_ok({"nft", "add", "table", "inet", "somebody"});
  lab::run_ok(
      {"nft", "add", "chain", "inet", "somebody", "entry", "{ type filter hook input priority 0; policy drop; }"});
  const Outcome beside = firewall.run({"diff", "--running"});
  INFO(beside.out << beside.err);
  CHECK(beside.status == 0);
  CHECK(has(beside.out, "not looked at: nft inet somebody entry, which decides about packets as well\n"));
}
