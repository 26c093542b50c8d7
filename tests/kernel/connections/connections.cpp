// SPDX-License-Identifier: GPL-2.0-or-later
// Real connections through a gateway whose policy changes under them.
#include "apply/connection_review.h"

#include <fmt/format.h>

#include <algorithm>

#include "queue/conversation.h"
#include "lab/run.h"
#include "support/catch.h"
#include "support/policy_files.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

/// Bits of another program in every connection's mark.
constexpr std::uint32_t kForeign = 0xc0000123;
constexpr std::uint32_t kQueue42 = 0x1002a000, kQueue43 = 0x1002b000, kGroup9 = 0x20009000;

struct Hosts {
  const char *pc, *web, *friendly;
};
constexpr Hosts kIpv4{"10.1.0.10", "10.3.0.10", "198.51.100.7"},
    kIpv6{"fd00:1::10", "2001:db8:3::10", "2001:db8:77::7"};

/// The gateway without connections, with bits of others in the marks of new ones while it lives.
class Bench {
 public:
  Bench() {
    gateway().conntrack.flush();
    change("-A PREROUTING -j CONNMARK --set-xmark 0xc0000123/0xc0000fff\n");
    for (const std::uint16_t queue : {std::uint16_t{42}, std::uint16_t{43}}) gateway().queues.bind(queue);
  }
  ~Bench() {
    change("");
    gateway().conntrack.flush();
  }

 private:
  static void change(const std::string& rules) {
    const lab::Inside there(gateway().firewall());
    for (const char* program : {"iptables-legacy-restore", "ip6tables-legacy-restore"})
      lab::run_ok({program}, "*mangle\n" + rules + "COMMIT\n");
  }
};

/// Loads a policy and holds what lives against it, as the program does.
apply::ConnectionReport change_to(const std::vector<std::string>& rules, bool enforce = true) {
  const Files files = with_rules(rules);
  std::vector<ir::NfqueueTarget> live;
  const lab::Inside there(gateway().firewall());
  const auto kernel = apply::make_kernel();
  {
    const Policy policy(files);
    auto found = apply::live_queues(*kernel, policy.layout());
    REQUIRE(found);
    live = std::move(*found);
  }
  const Policy policy(files, {.live_queues = live});
  load(gateway(), policy);
  auto report = apply::review_connections(*kernel, policy.ruleset, apply::Backend::Xtables, enforce);
  REQUIRE(report);
  return std::move(*report);
}

std::string counts(const apply::ConnectionReport& report) {
  return fmt::format("kept {}, ended {}, changed {}, undecided {}, failed {}", report.kept, report.ended,
                     report.remarked, report.undecided, report.failed);
}

std::vector<std::string> told(const apply::ConnectionReport& report) {
  std::vector<std::string> lines;
  for (const auto& reviewed : report.connections)
    lines.push_back(apply::to_string(reviewed.connection) + ": " + apply::explain(reviewed));
  return lines;
}

std::optional<std::uint32_t> mark_of(const lab::Packet& first) {
  const auto found = gateway().conntrack.find(first);
  return found ? std::optional(found->mark) : std::nullopt;
}

/// A datagram to a port, sent from behind a device; the packet.
lab::Packet datagram(const std::string& device, const char* from, const char* to, std::uint16_t port) {
  static std::uint16_t last_port = 20'000;
  lab::Packet packet;
  packet.source = *net::Address::parse(from);
  packet.destination = *net::Address::parse(to);
  packet.source_port = ++last_port;
  packet.destination_port = port;
  packet.payload = {1, 2, 3};
  gateway().wire.send(device, packet);
  static_cast<void>(gateway().wire.settle());
  return packet;
}

lab::Packet ping(const std::string& device, const char* from, const char* to) {
  lab::Packet packet;
  packet.source = *net::Address::parse(from);
  packet.destination = *net::Address::parse(to);
  const bool v4 = packet.family() == net::Family::Ipv4;
  packet.protocol = v4 ? net::Protocol::Icmp : net::Protocol::Icmpv6;
  packet.icmp_type = v4 ? 8 : 128;
  static std::uint16_t last_id = 0;
  packet.icmp_id = ++last_id;
  gateway().wire.send(device, packet);
  static_cast<void>(gateway().wire.settle());
  return packet;
}

bool goes_on(Conversation& conversation, std::optional<std::uint16_t> queue) {
  for (const auto& step : {conversation.client_says("more"), conversation.server_says("answer")}) {
    if (!step.arrived || step.queued.empty() == queue.has_value()) return false;
    if (queue && step.queued[0].queue != *queue) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a new policy ends what it refuses, moves what it sends elsewhere and leaves the rest alone") {
  const Hosts hosts = GENERATE(kIpv4, kIpv6);
  const Bench bench;
  load(gateway(), Policy(with_rules({"accept service http from lan to dmz",
                                     "nfqueue service https from lan to dmz options nfqueuenum=\"42\"",
                                     "accept service ssh from lan to dmz", "accept service dns from lan to dmz",
                                     "accept service ping from any to any"})));
  Conversation web("lan0", hosts.pc, "dmz0", hosts.web, 41001, 80);
  Conversation safe("lan0", hosts.pc, "dmz0", hosts.web, 41002, 443);
  Conversation shell("lan0", hosts.pc, "dmz0", hosts.web, 41003, 22);
  for (Conversation* each : {&web, &safe, &shell})
    for (const auto& step : each->open()) REQUIRE(step.arrived);
  const lab::Packet dns = datagram("lan0", hosts.pc, hosts.web, 53);
  const lab::Packet echo = ping("lan0", hosts.pc, hosts.web);
  REQUIRE(mark_of(web.first()) == kForeign);
  REQUIRE(mark_of(safe.first()) == (kQueue42 | kForeign));
  REQUIRE(mark_of(dns) == kForeign);
  REQUIRE(mark_of(echo) == kForeign);

  const std::vector<std::string> rules{"accept service http from lan to dmz",
                                       "nfqueue service https from lan to dmz options nfqueuenum=\"43\"",
                                       "nflog service dns from lan to dmz options nflognum=\"9\""};
  SECTION("listed") {
    const auto report = change_to(rules, /*enforce=*/false);
    CHECK(counts(report) == "kept 1, ended 2, changed 2, undecided 0, failed 0");
    CHECK(mark_of(safe.first()) == (kQueue42 | kForeign));
    CHECK(goes_on(web, std::nullopt));
    CHECK(goes_on(safe, 42));
    CHECK(goes_on(shell, std::nullopt));
    CHECK(mark_of(echo) == kForeign);
  }
  SECTION("enforced") {
    const auto report = change_to(rules);
    CHECK(counts(report) == "kept 3, ended 2, changed 2, undecided 0, failed 0");
    CHECK(mark_of(web.first()) == kForeign);
    CHECK(mark_of(safe.first()) == (kQueue43 | kForeign));
    CHECK(mark_of(dns) == (kGroup9 | kForeign));
    CHECK_FALSE(mark_of(shell.first()));
    CHECK_FALSE(mark_of(echo));
    CHECK(goes_on(web, std::nullopt));
    CHECK(goes_on(safe, 43));
    CHECK_FALSE(shell.client_says("more").arrived);
    // Nothing is left to do.
    CHECK(counts(change_to(rules)) == "kept 3, ended 0, changed 0, undecided 0, failed 0");
  }
}

TEST_CASE("connections that are translated are judged by where they go and come from") {
  const Bench bench;
  const std::vector<std::string> before{"portfw service http from world.inet to web.servers.dmz",
                                        "accept service dns from lan to inet",
                                        "masq service any from local.lan to world.inet",
                                        "redirect service ssh from lan to inet options redirectport=\"2222\""};
  load(gateway(), Policy(with_rules(before)));
  Conversation web("inet0", kIpv4.friendly, "dmz0", "203.0.113.2", 41010, 80);
  lab::Packet forwarded = web.first();
  gateway().wire.send("inet0", forwarded);
  static_cast<void>(gateway().wire.settle());
  const auto through = gateway().conntrack.find(forwarded);
  REQUIRE(through);
  REQUIRE(through->reply.source == *net::Address::parse(kIpv4.web));
  const lab::Packet dns = datagram("lan0", kIpv4.pc, kIpv4.friendly, 53);
  const auto masqueraded = gateway().conntrack.find(dns);
  REQUIRE(masqueraded);
  REQUIRE(masqueraded->reply.destination == *net::Address::parse("203.0.113.2"));
  lab::Packet shell = forwarded;
  shell.source = *net::Address::parse(kIpv4.pc);
  shell.destination = *net::Address::parse(kIpv4.friendly);
  shell.destination_port = 22;
  // Once: the listener stays for good.
  [[maybe_unused]] static const bool is_listening = (gateway().stack.swallow(2222), true);
  gateway().wire.send("lan0", shell);
  static_cast<void>(gateway().wire.settle());
  REQUIRE(gateway().conntrack.find(shell));

  SECTION("the same policy keeps them") {
    CHECK(counts(change_to(before)) == "kept 3, ended 0, changed 0, undecided 0, failed 0");
  }
  SECTION("one that lets none of them in") {
    CHECK(told(change_to({"accept service ping from any to any"}, /*enforce=*/false)) ==
          std::vector<std::string>{
              "tcp 10.1.0.10:41010 > 198.51.100.7:22, to 10.1.0.1:2222: refused by the policy of the chain",
              fmt::format("udp 10.1.0.10:{} > 198.51.100.7:53, as 203.0.113.2:{}: refused by the policy of the chain",
                          dns.source_port, dns.source_port),
              "tcp 198.51.100.7:41010 > 203.0.113.2:80, to 10.3.0.10:80: refused by the policy of the chain"});
    CHECK(counts(change_to({"accept service ping from any to any"})) ==
          "kept 0, ended 3, changed 0, undecided 0, failed 0");
  }
  SECTION("one that translates no more but lets the host be reached keeps the translation for life") {
    const auto report = change_to({"accept service http from inet to dmz", "accept service dns from lan to inet",
                                   "accept service ping from any to any"});
    CHECK(counts(report) == "kept 2, ended 1, changed 0, undecided 0, failed 0");
    CHECK(gateway().conntrack.find(forwarded));
    CHECK(gateway().conntrack.find(dns));
  }
}

TEST_CASE("connections of the firewall itself, from it and to it") {
  const Hosts hosts = GENERATE(kIpv4, kIpv6);
  const char* own = hosts.pc == kIpv4.pc ? "10.1.0.1" : "fd00:1::1";
  const Bench bench;
  load(gateway(),
       Policy(with_rules({"accept service dns from lan to firewall", "accept service dns from firewall to lan",
                          "accept service time from firewall to any", "accept service ping from any to any"})));
  const lab::Packet in = datagram("lan0", hosts.pc, own, 53);
  lab::Packet out = in;
  std::swap(out.source, out.destination);
  out.source_port = 33'333;
  gateway().stack.send(out);
  static_cast<void>(gateway().wire.settle());
  REQUIRE(mark_of(in));
  REQUIRE(mark_of(out));
  SECTION("still allowed") {
    CHECK(change_to({"accept service dns from lan to firewall", "accept service dns from firewall to lan"}).kept == 2);
  }
  SECTION("one way only") {
    CHECK(counts(change_to({"accept service dns from firewall to lan"})) ==
          "kept 1, ended 1, changed 0, undecided 0, failed 0");
    CHECK_FALSE(mark_of(in));
    CHECK(mark_of(out));
  }
}

TEST_CASE("the data connection of FTP goes where its control connection goes") {
  const Bench bench;
  load(gateway(), Policy(with_rules({"nfqueue service ftp from lan to dmz options nfqueuenum=\"42\""})));
  Conversation control("lan0", kIpv4.pc, "dmz0", kIpv4.web, 41020, 21);
  for (const auto& step : control.open()) REQUIRE(step.arrived);
  REQUIRE(control.server_says("220 ready\r\n").arrived);
  REQUIRE(control.client_says("USER ftp\r\n").arrived);
  REQUIRE(control.client_says("PORT 10,1,0,10,200,10\r\n").arrived);
  Conversation data("dmz0", kIpv4.web, "lan0", kIpv4.pc, 20, 200 * 256 + 10);
  for (const auto& step : data.open()) REQUIRE(step.arrived);
  REQUIRE(mark_of(data.first()) == (kQueue42 | kForeign));
  SECTION("kept") {
    CHECK(counts(change_to({"nfqueue service ftp from lan to dmz options nfqueuenum=\"42\""})) ==
          "kept 2, ended 0, changed 0, undecided 0, failed 0");
  }
  SECTION("to another queue") {
    CHECK(counts(change_to({"nfqueue service ftp from lan to dmz options nfqueuenum=\"43\""})) ==
          "kept 2, ended 0, changed 2, undecided 0, failed 0");
    CHECK(mark_of(data.first()) == (kQueue43 | kForeign));
    CHECK(goes_on(data, 43));
  }
  SECTION("refused") {
    CHECK(counts(change_to({"accept service http from lan to dmz"})) ==
          "kept 0, ended 2, changed 0, undecided 0, failed 0");
  }
}

TEST_CASE("a doubt changes nothing") {
  const Bench bench;
  load(gateway(), Policy(with_rules({"accept service dns from lan to dmz"})));
  const lab::Packet dns = datagram("lan0", kIpv4.pc, kIpv4.web, 53);
  REQUIRE(mark_of(dns));
  SECTION("a limit decides") {
    CHECK(change_to({"accept service dns from lan to dmz options limit=\"1/hour\""}).undecided == 1);
  }
  SECTION("routes are chosen by marks") {
    const auto rule = [](const char* command) {
      const lab::Inside there(gateway().firewall());
      lab::run_ok({"ip", "rule", command, "fwmark", "0x77", "lookup", "100"});
    };
    rule("add");
    const auto report = change_to({"drop service dns from lan to dmz", "accept service dns from any to any"});
    rule("del");
    CHECK(report.undecided == 1);
    CHECK(told(report)[0].ends_with("routes are chosen by more than addresses (ip rule)"));
  }
  SECTION("a rule of another program may let it pass") {
    const auto accept = [](const char* command) {
      const lab::Inside there(gateway().firewall());
      lab::run_ok({"iptables-legacy", command, "FORWARD", "-p", "udp", "-j", "ACCEPT"});
    };
    accept("-I");
    const auto report = change_to({"accept service ping from any to any"});
    accept("-D");
    CHECK(report.undecided == 1);
  }
  CHECK(mark_of(dns));
}
