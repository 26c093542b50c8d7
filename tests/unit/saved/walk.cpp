// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/walk.h"

#include "diag/render.h"
#include "office.h"
#include "saved/read.h"
#include "support/catch.h"

using namespace vuurmuur;
using saved::Outcome;
using saved::Packet;
using saved::Way;
using Verdict = Outcome::Verdict;

namespace {

struct Firewall {
  diag::SourceMap sources;
  diag::Sink sink;
  saved::Ruleset ruleset;
  saved::Sets sets;
  explicit Firewall(std::string text, std::string set_text = {}) {
    const auto file = sources.add("rules.save", std::move(text));
    ruleset = saved::read(file, sources, sink);
    sets = saved::Sets::read(sources.add("sets.save", std::move(set_text)), sources, sink);
  }
  saved::Answer walk(const Packet& packet) {
    return saved::Walker(ruleset, packet.source.family, sink, {.sets = &sets, .route = {}, .addresses = {}})
        .walk(packet);
  }
  /// What there is only one answer to.
  Outcome sure(const Packet& packet) {
    auto answer = walk(packet);
    INFO(diag::render(sink, sources, diag::Style::Plain));
    CHECK(sink.all().empty());
    REQUIRE(answer.outcomes.size() == 1);
    return answer.outcomes.front();
  }
  [[nodiscard]] std::string text(const saved::Step& step) const {
    return step.rule == nullptr ? step.chain->name + " policy" : std::string(sources.text(step.rule->span));
  }
};

net::Address address(const char* text) { return *net::Address::parse(text); }

Packet to_firewall(const char* device, const char* source, std::uint16_t port) {
  return {.way = Way::In,
          .in = device,
          .out = {},
          .source = address(source),
          .destination = address("192.168.1.1"),
          .destination_port = port};
}

}  // namespace

TEST_CASE("a packet goes through chains, comes back by RETURN, and not behind a goto") {
  Firewall office(kOffice);
  const Outcome ssh = office.sure(to_firewall("lan0", "192.168.1.5", 22));
  CHECK(ssh.verdict == Verdict::Accept);
  CHECK(office.text(ssh.decided).starts_with("-A lan -p tcp -m tcp --tcp-flags"));
  CHECK(ssh.path.size() == 4);  // PREROUTING of raw and nat, the jump, the rule
  CHECK(office.sure(to_firewall("lan0", "192.168.1.66", 80)).verdict == Verdict::Reject);
  const Outcome stranger = office.sure(to_firewall("lan0", "10.0.0.1", 80));
  CHECK(stranger.verdict == Verdict::Reject);
  CHECK(office.text(stranger.decided) == "-A log-it -p tcp -j REJECT --reject-with tcp-reset");
  Packet datagram = to_firewall("lan0", "10.0.0.1", 80);
  datagram.protocol = 17;
  const Outcome dropped = office.sure(datagram);
  CHECK(dropped.verdict == Verdict::Drop);
  CHECK(office.text(dropped.decided) == "INPUT policy");
}

TEST_CASE("what is not known splits the answer, and the same condition is taken alike") {
  Firewall office(kOffice);
  const auto answer = office.walk(to_firewall("wan0", "203.0.113.9", 22));
  REQUIRE(answer.outcomes.size() == 2);
  CHECK(answer.outcomes[0].verdict == Verdict::Reject);
  CHECK(answer.outcomes[0].assumed == std::vector<saved::Assumption>{{"limit --limit 3/min --limit-burst 5", false}});
  CHECK(answer.outcomes[1].verdict == Verdict::Accept);
  CHECK(answer.outcomes[1].assumed.front().holds);

  Firewall twice(
      "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m time --timestart 08:00 -j MARK --set-mark 1\n"
      "-A INPUT -m time --timestart 08:00 -m mark --mark 0 -j DROP\nCOMMIT\n");
  for (const Outcome& outcome : twice.walk(to_firewall("eth0", "10.0.0.1", 1)).outcomes)
    CHECK(outcome.verdict == Verdict::Accept);

  std::string many = "*filter\n:INPUT ACCEPT [0:0]\n";
  for (int i = 0; i < 12; ++i) many += "-A INPUT -m u32 --u32 \"" + std::to_string(i) + "=0\" -j MARK --set-mark 1\n";
  Firewall unknown(many + "COMMIT\n");
  const auto unfinished = unknown.walk(to_firewall("eth0", "10.0.0.1", 1));
  CHECK_FALSE(unfinished.is_finished);
  CHECK(unfinished.outcomes.size() == saved::Walker::kMostOutcomes);
}

TEST_CASE("filter sees where DNAT sends it, and marks as rules before set them") {
  Firewall office(kOffice);
  Packet web{.way = Way::Through,
             .in = "wan0",
             .out = "lan0",
             .source = address("203.0.113.9"),
             .destination = address("198.51.100.1"),
             .destination_port = 8080};
  const Outcome queued = office.sure(web);
  CHECK(queued.verdict == Verdict::Queue);
  CHECK(queued.queue == 7);
  CHECK(queued.packet.destination == address("192.168.1.80"));
  CHECK(queued.packet.destination_port == 80);
  CHECK(queued.packet.connection_mark == 0x10);
  CHECK(office.text(queued.decided).find("NFQUEUE") != std::string::npos);
  // Whoever speaks of the packet before it is translated says that it comes in, and not where it leaves.
  web.way = Way::In;
  web.out = std::nullopt;
  const auto either = office.walk(web);
  REQUIRE(either.outcomes.size() == 2);
  for (const Outcome& outcome : either.outcomes) CHECK(outcome.verdict == Verdict::Queue);
  CHECK(either.outcomes[0].assumed == std::vector<saved::Assumption>{{"-o wan0", false}});
  // A later one is not translated by rules, and meets what is for it.
  web.way = Way::Through;
  web.states = saved::State::kEstablished;
  CHECK(office.sure(web).verdict == Verdict::Accept);
}

TEST_CASE("untracked packets are in that state") {
  Firewall firewall(
      "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j NOTRACK\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n"
      "-A INPUT -m conntrack --ctstate NEW -j DROP\n-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\nCOMMIT\n");
  Packet packet = to_firewall("eth0", "10.0.0.1", 514);
  CHECK(firewall.sure(packet).verdict == Verdict::Drop);
  packet.protocol = 17;
  CHECK(firewall.sure(packet).verdict == Verdict::Accept);
}

TEST_CASE("sets that are given are asked, others are not known") {
  const std::string rules =
      "*filter\n:INPUT DROP [0:0]\n-A INPUT -m set --match-set office src,dst,dst -j ACCEPT\n"
      "-A INPUT -m set ! --match-set good src -j REJECT\nCOMMIT\n";
  Firewall firewall(rules,
                    "create office hash:net,port,net family inet hashsize 1024 maxelem 65536\nadd office "
                    "10.0.0.0/8,tcp:80,192.168.1.1\n"
                    "create good hash:ip family inet\nadd good 10.1.2.3\n");
  CHECK(firewall.sure(to_firewall("eth0", "10.9.9.9", 80)).verdict == Verdict::Accept);
  CHECK(firewall.sure(to_firewall("eth0", "10.9.9.9", 81)).verdict == Verdict::Reject);
  CHECK(firewall.sure(to_firewall("eth0", "10.1.2.3", 81)).verdict == Verdict::Drop);
  CHECK(Firewall(rules).walk(to_firewall("eth0", "10.1.2.3", 81)).outcomes.size() == 3);
}

TEST_CASE("what a rule has wrong is told, and not guessed") {
  Firewall firewall(
      "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0 -j ACCEPT\n-A INPUT -p tcp --dport 99999 -j ACCEPT\n-A INPUT -j "
      "NFQUEUE --queue-num x\n"
      "-A INPUT -j FUNNY\n-A INPUT -g nowhere\nCOMMIT\n");
  const auto answer = firewall.walk(to_firewall("eth0", "10.0.0.1", 1));
  const std::string said = diag::render(firewall.sink, firewall.sources, diag::Style::Plain);
  CHECK(said.find("rules.save:3:10: error: '10.0.0' is no address of this family") != std::string::npos);
  CHECK(said.find("rules.save:4:17: error: '99999' is no list of ports") != std::string::npos);
  CHECK(said.find("rules.save:5:21: error: 'x' is no number of a queue") != std::string::npos);
  CHECK(said.find("table 'filter' has no chain 'nowhere'") != std::string::npos);
  REQUIRE(answer.outcomes.size() == 3);
  CHECK(answer.outcomes[0].verdict == Verdict::Unknown);
}

TEST_CASE("chains that call each other without end have no answer") {
  Firewall firewall(
      "*filter\n:INPUT DROP [0:0]\n:a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -j b\n-A b -j a\nCOMMIT\n");
  CHECK(firewall.sure(to_firewall("eth0", "10.0.0.1", 1)).verdict == Verdict::Unknown);
}

TEST_CASE("long lists of ports, and ranges of addresses") {
  Firewall firewall(
      "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m multiport --dports 21,873:874,5005,5006,80,548,111,892,2049 -j "
      "ACCEPT\n"
      "-A INPUT -p tcp -m multiport ! --ports 80:65535,22 -m iprange --src-range 10.0.0.1-10.0.0.9 -j "
      "REJECT\nCOMMIT\n");
  CHECK(firewall.sure(to_firewall("eth0", "10.0.0.1", 2049)).verdict == Verdict::Accept);
  CHECK(firewall.sure(to_firewall("eth0", "10.0.0.1", 874)).verdict == Verdict::Accept);
  CHECK(firewall.sure(to_firewall("eth0", "10.0.0.9", 23)).verdict == Verdict::Reject);
  CHECK(firewall.sure(to_firewall("eth0", "10.0.0.10", 23)).verdict == Verdict::Drop);
  CHECK(firewall.sure(to_firewall("eth0", "10.0.0.1", 22)).verdict == Verdict::Drop);
}

TEST_CASE("ICMP types by number and name") {
  using saved::icmp_named;
  CHECK(icmp_named("echo-request", net::Family::Ipv4)->type == 8);
  CHECK(icmp_named("echo-request", net::Family::Ipv6)->type == 128);
  CHECK(icmp_named("3/4", net::Family::Ipv4)->last_code == 4);
  CHECK(icmp_named("port-unreachable", net::Family::Ipv4)->first_code == 3);
  CHECK_FALSE(icmp_named("300", net::Family::Ipv4));
  CHECK_FALSE(icmp_named("nonsense", net::Family::Ipv4));
}
