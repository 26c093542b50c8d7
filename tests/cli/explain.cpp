// SPDX-License-Identifier: GPL-2.0-or-later
// The command explain, on the sample that its documentation is about.
#include <nlohmann/json.hpp>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

Outcome explain(std::vector<std::string> words) {
  words.insert(words.begin(), {"explain", VM_CONFIG_SOURCES "/samples/gateway"});
  return vuurmuur::test::vuurmuur(std::move(words));
}

}  // namespace

TEST_CASE("one packet gets its verdict, its rule with the place, and who gives it another source") {
  const Outcome outcome =
      explain({"--src=192.168.10.20", "--dst=192.0.2.99", "--proto=tcp", "--dport=80", "--sport=1234"});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out ==
        "all: to queue 7\n"
        "    rule 15 (rules/rules.conf:20): nfqueue http from lan to inet\n"
        "    example: tcp 192.168.10.20:1234 > 192.0.2.99:80 (pc.local.lan > world.inet), in by lan0, out by inet0\n"
        "    it leaves with another source address: rule 43 (rules/rules.conf:52): masq any from local.lan to "
        "world.inet\n");
}

TEST_CASE("a question that rules tell apart is split, and what a limit lets go on is told") {
  const Outcome outcome = explain({"--src=world.inet", "--dst=firewall", "--proto=icmp"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out ==
        "service ping: accepted, up to 5/sec\n"
        "    rule 8 (rules/rules.conf:12): accept ping from world.inet to firewall\n"
        "    beyond its limit it goes on to what stands below\n"
        "    example: icmp type 8 code 0 198.51.100.77 > 203.0.113.1 (world.inet > firewall(inet-nic)), in by inet0\n"
        "what is left: dropped, logged\n"
        "    no rule takes it\n"
        "    example: icmp type 8 code 0 198.51.100.77 > 203.0.113.1 (world.inet > firewall(inet-nic)), in by inet0\n"
        "    when rule 8 (rules/rules.conf:12) has not taken it within its limit: accepted, up to 5/sec\n");
}

TEST_CASE("what a rule sends elsewhere is followed there") {
  const Outcome outcome = explain({"--src=203.0.113.40", "--dst=203.0.113.1", "--proto=tcp", "--dport=2222"});
  CHECK(outcome.out.starts_with(
      "those that rule 39 (rules/rules.conf:47) sends elsewhere: portfw ssh from partner.world.inet to "
      "web.servers.dmz\n"
      "  all: accepted, logged\n"
      "      rule 39 (rules/rules.conf:47): portfw ssh from partner.world.inet to web.servers.dmz\n"
      "      example: tcp 203.0.113.40:50000 > 192.168.20.80:22 (partner.world.inet > web.servers.dmz), in by inet0, "
      "out by dmz0\n"));
}

TEST_CASE("what stands before the rules is told of the example") {
  CHECK(explain({"--src=198.51.100.1", "--dst=firewall", "--service=ssh"})
            .out.find("but the blocklist drops this example before rules are asked: 198.51.100.0/28\n") !=
        std::string::npos);
  CHECK(explain({"--src=10.0.0.1", "--dst=firewall", "--service=ssh", "--in=inet"})
            .out.find("but anti-spoofing drops this example: protect against spoofing from class-a\n") !=
        std::string::npos);
}

TEST_CASE("why a rule does not take a packet is told: a condition, rules before it, or that it does") {
  CHECK(explain({"--src=lan", "--dst=inet", "--service=http", "--why-not=17"}).out ==
        "rule 17 (rules/rules.conf:22) does not meet it: accept ftp from lan to inet\n    its service is 'ftp', asked "
        "was tcp port 80\n");
  CHECK(explain({"--src=lan", "--dst=inet", "--service=http", "--why-not=15"})
            .out.starts_with("rule 15 (rules/rules.conf:20) takes it: to queue 7\n"));
  CHECK(explain({"--src=dmz", "--dst=inet", "--service=http", "--why-not=15"}).out ==
        "rule 15 (rules/rules.conf:20) does not meet it: nfqueue http from lan to inet\n    it is from 'lan', asked "
        "was from dmz\n");
  const SmallTree tree;
  tree.rules(
      "accept service any from world.inet to firewall\ndrop service http from world.inet to firewall\n;drop service "
      "http from any to any");
  const auto why = [&](const char* rule) {
    return vuurmuur::test::vuurmuur({"explain", tree.path().string(), "--src=world.inet", "--dst=firewall",
                                     "--service=http", std::string("--why-not=") + rule});
  };
  CHECK(why("2").out ==
        "rule 2 (rules/rules.conf:2) meets it, but rules before it take it all:\n"
        "    rule 1 (rules/rules.conf:1): accept any from world.inet to firewall: accepted\n");
  CHECK(why("3").status == 1);
  CHECK(why("3").err.find("rule 3 is switched off") != std::string::npos);
  CHECK(why("4").err.find("expected the number of a rule, 1 to 3, not '4'") != std::string::npos);
}

TEST_CASE("the packet of a line of the log is explained, from either form and from standard input") {
  const std::string line =
      "Nov 23 22:51:07: DROP service telnet from 203.0.113.40 to firewall(inet-nic), prefix: \"telnet\" (in: inet0 "
      "203.0.113.40(3e:8e:9a:8a:8c:53):49629 -> 203.0.113.1(12:80:dc:14:4a:e9):23 TCP flags: ****S* len:40 ttl:64)";
  const std::string told =
      "all: dropped, logged as 'telnet'\n"
      "    rule 2 (rules/rules.conf:5): drop telnet from any to any\n";
  CHECK(explain({"--log-line=" + line}).out.starts_with(told));
  const Outcome piped = vuurmuur::test::vuurmuur(
      {.arguments = {"explain", VM_CONFIG_SOURCES "/samples/gateway", "--log-line=-"}, .input = line + "\n"});
  CHECK(piped.out.starts_with(told));
  const std::string json =
      R"({"time": "2026-11-23T22:51:07.123456Z", "action": "DROP", "service": "telnet", "from": "a", "to": "b", "in": "inet0", "source": "203.0.113.40", )"
      R"("source_port": 49629, "destination": "203.0.113.1", "destination_port": 23, "protocol": "TCP"})";
  INFO(explain({"--log-line=" + json}).err);
  CHECK(explain({"--log-line=" + json}).out.starts_with(told));
  CHECK(explain({"--log-line=what"}).status == 1);
}

TEST_CASE("in JSON there is all of it") {
  const auto document =
      nlohmann::json::parse(explain({"--src=pc.local.lan", "--dst=world.inet", "--service=http", "--json"}).out);
  REQUIRE(document.at("families").size() == 2);
  const auto& row = document.at("families").at(0).at("branches").at(0).at("rows").at(0);
  CHECK(row.at("verdict") == "to queue 7");
  CHECK(row.at("rule").at("number") == 15);
  CHECK(row.at("rule").at("place") == "rules/rules.conf:20");
  CHECK(row.at("example").at("destination_port") == 80);
  CHECK(row.at("masked_by").at("number") == 43);
  CHECK(nlohmann::json::parse(explain({"--src=lan", "--dst=inet", "--service=http", "--why-not=17", "--json"}).out)
            .at("differs") == nlohmann::json{"service"});
}

TEST_CASE("mistakes in a question are told with the near miss") {
  const Outcome name = explain({"--src=web.dmz", "--dst=inett", "--service=htpp"});
  CHECK(name.status == 1);
  CHECK(name.err.find("no zone, network, host or group is named 'web.dmz', and it is no address; did you mean "
                      "'web.servers.dmz'?\n") != std::string::npos);
  CHECK(name.err.find("did you mean 'inet'?\n") != std::string::npos);
  CHECK(name.err.find("no service is named 'htpp'; did you mean 'http'?\n") != std::string::npos);
  CHECK(explain({"--proto=tpc"}).status == 1);
  CHECK(explain({"--proto=icmp", "--dport=1"}).err.find("has no ports") != std::string::npos);
  CHECK(explain({"--service=http", "--dport=1"}).err.find("do not go together") != std::string::npos);
  CHECK(explain({"--dport=70000"}).status == 1);
  CHECK(explain({"--in=lann"}).err.find("did you mean 'lan'?") != std::string::npos);
  CHECK(explain({"--src=lan", "--in=inet"}).out ==
        "there are no such packets: nothing comes from lan and goes to any like that\n");
}

TEST_CASE("the compiled rules that an example meets are told") {
  const std::string out = explain({"--src=pc.local.lan", "--dst=world.inet", "--service=http", "--rules"}).out;
  INFO(out);
  CHECK(out.find("\nwhat the compiled rules do with the examples (vuurmuur compile prints them):\n") !=
        std::string::npos);
  CHECK(out.find("\n  queued into queue 7, unless ") != std::string::npos);
  CHECK(out.find("\n    by IPv4:") != std::string::npos);
  CHECK(out.find("    past IPv4:") != std::string::npos);
  CHECK(out.find(": -A FORWARD -j VRMR-FORWARD\n") != std::string::npos);
}

TEST_CASE("what rules of any firewall do with a packet") {
  const vuurmuur::test::SmallTree tree;
  tree.write("office.save",
             "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -m limit --limit "
             "3/min -j ACCEPT\n"
             "-A FORWARD -m set --match-set office src -j ACCEPT\nCOMMIT\n");
  tree.write("office.sets", "create office hash:net family inet\nadd office 10.0.0.0/8\n");
  const std::string file = (tree.path() / "office.save").string(), sets = (tree.path() / "office.sets").string();
  const auto ask = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"explain", "--iptables-save=" + file});
    return vuurmuur::test::vuurmuur(std::move(words));
  };
  CHECK(ask({"--src=203.0.113.9", "--dst=192.0.2.1", "--in=eth0", "--proto=tcp", "--dport=22"}).out ==
        "tcp 203.0.113.9:40000 > 192.0.2.1:22, in by eth0\n"
        "dropped, unless 'limit --limit 3/min'\n"
        "  by the policy of INPUT in table filter: DROP\n"
        "accepted, if 'limit --limit 3/min'\n"
        "  by " +
            file + ":4: -A INPUT -p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT\n");
  const std::vector<std::string> through{"--src=10.1.2.3", "--dst=192.0.2.1", "--in=eth1",
                                         "--out=eth0",     "--proto=udp",     "--dport=53"};
  CHECK(ask(through).out.find("accepted, if 'set --match-set office src'") != std::string::npos);
  auto with_sets = through;
  with_sets.push_back("--ipset-save=" + sets);
  CHECK(ask(with_sets).out.find("udp 10.1.2.3:40000 > 192.0.2.1:53, in by eth1, out by eth0\naccepted\n") == 0);
  with_sets.push_back("--json");
  const auto document = nlohmann::json::parse(ask(with_sets).out);
  CHECK(document.at("finished") == true);
  CHECK(document.at("outcomes").at(0).at("verdict") == "accepted");
  CHECK(document.at("outcomes").at(0).at("decided").at("place") == file + ":5");

  CHECK(ask({"--src=lan", "--dst=192.0.2.1", "--in=eth0", "--proto=tcp", "--dport=22"})
            .err.find("such rules know no names") != std::string::npos);
  CHECK(ask({"--src=10.0.0.1", "--dst=192.0.2.1", "--proto=tcp", "--dport=22"}).err.find("a device is needed") !=
        std::string::npos);
  CHECK(ask({"--src=10.0.0.1", "--dst=192.0.2.1", "--in=eth0"}).err.find("a protocol is needed") != std::string::npos);
  CHECK(ask({"--src=10.0.0.1", "--dst=192.0.2.1", "--in=eth0", "--proto=tcp"}).err.find("a port is needed") !=
        std::string::npos);
  CHECK(ask({"--src=10.0.0.1", "--dst=2001:db8::1", "--in=eth0", "--proto=tcp", "--dport=1"})
            .err.find("one address is of IPv4") != std::string::npos);
  CHECK(ask({"--src=10.0.0.1", "--dst=192.0.2.1", "--in=eth0", "--service=http"}).err.find("do not go together") !=
        std::string::npos);
  CHECK(vuurmuur::test::vuurmuur({"explain", "--ipset-save=" + sets}).err.find("goes with '--iptables-save'") !=
        std::string::npos);
}
