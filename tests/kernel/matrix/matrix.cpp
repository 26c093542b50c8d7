// SPDX-License-Identifier: GPL-2.0-or-later
// Every origin, destination and kind of traffic of the gateway, for policies that each look at one part of the rule
// language, held against the reference interpreter.
#include "lab/namespace.h"
#include "support/catch.h"
#include "support/engine.h"
#include "support/flow.h"
#include "support/probes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

/// One gateway for all cases: a new one takes longer than a whole policy.
Matrix& matrix() {
  static Matrix* const only = [] {
    lab::enter_laboratory();
    static Matrix made;
    return &made;
  }();
  return *only;
}

constexpr std::size_t kMostShown = 4;
constexpr unsigned kOddProbes = 150;

void compare(const Files& files) {
  const Policy policy(for_engine_under_test(files));
  Matrix& bench = matrix();
  bench.use(policy);
  Probes probes;
  std::vector<Probe> all = probes.all(net::Family::Ipv4);
  for (Probe& probe : probes.all(net::Family::Ipv6)) all.push_back(std::move(probe));
  std::mt19937 random(1);
  for (unsigned i = 0; i < kOddProbes; ++i) all.push_back(probes.any(random));
  std::size_t wrong = 0;
  std::string text;
  std::optional<net::Family> family;
  for (const Probe& probe : all) {
    const auto differences = bench.differences(probe);
    wrong += differences.size();
    for (const std::string& difference : differences) {
      if (text.size() > 8000 || wrong > kMostShown + differences.size()) break;
      text += "  " + difference + "\n";
      if (!family) family = probe.packet.family();
    }
  }
  bench.gateway().conntrack.flush();
  if (wrong == 0) {
    SUCCEED();
    return;
  }
  FAIL(fmt::format("{} differences, the first ones:\n{}{}", wrong, text, policy.explain(*family)));
}

void compare_rules(const std::vector<std::string>& rules) { compare(with_rules(rules)); }

}  // namespace

TEST_CASE("the comparison sees a kernel that has another policy") {
  if (!can_queue(engine_under_test())) return;
  const Policy said(with_rules(
      {"accept service http from lan to dmz", "nfqueue service https from lan to dmz options nfqueuenum=\"7\""}));
  const Policy done(with_rules(
      {"accept service http from lan to dmz", "nfqueue service https from lan to dmz options nfqueuenum=\"42\""}));
  Matrix& bench = matrix();
  bench.use(said);
  load(bench.gateway(), done);
  Probes probes;
  std::size_t wrong = 0;
  for (const Probe& probe : probes.all(net::Family::Ipv4)) {
    const bool differs = !bench.differences(probe).empty();
    if (differs) ++wrong;
    if (differs) CHECK(probe.packet.destination_port == 443);
  }
  CHECK(wrong != 0);
}

TEST_CASE("accept, drop and reject: the first rule that matches decides") {
  compare_rules({"drop service http from pc.local.lan to web.servers.dmz", "accept service http from lan to dmz",
                 "reject service ssh from lan to dmz options rejecttype=\"icmp-host-prohibited\"",
                 "reject service https from lan to any options rejecttype=\"tcp-reset\"",
                 "reject service dns from any to inet", "accept service ping from lan to inet",
                 "accept service dns from dmz to inet",
                 "reject service any from inet to any options rejecttype=\"icmp-admin-prohibited\""});
}

TEST_CASE("a reset for all that is TCP") {
  compare_rules({"reject service any from any to any options rejecttype=\"tcp-reset\""});
}

TEST_CASE("any at both ends, with and without interfaces") {
  compare_rules({"accept service http from any to any", "accept service https from any to any options in_int=\"lan\"",
                 "accept service ssh from any to any options out_int=\"dmz\"", "accept service dns from any to dmz",
                 "accept service ping from dmz to any",
                 "accept service ftp from any to any options in_int=\"dmz\",out_int=\"inet\"",
                 "accept service ports from any to any options in_int=\"spare\""});
}

TEST_CASE("the firewall at one end") {
  compare_rules({"accept service ssh from local.lan to firewall", "accept service http from any to firewall",
                 "accept service dns from lan to firewall(any)", "accept service ping from firewall to any",
                 "accept service dns from firewall to inet", "accept service http from firewall to servers.dmz",
                 "accept service https from firewall(any) to dmz", "accept service ftp from firewall(any) to any",
                 "accept service https from any to firewall(any) options in_int=\"inet\"",
                 "accept service ports from firewall to any options out_int=\"office\"",
                 "reject service any from lan to firewall", "reject service any from firewall to dmz"});
}

TEST_CASE("hosts and groups match their addresses, interfaces and MAC addresses") {
  compare_rules(
      {"accept service http from printer.local.lan to dmz", "accept service https from guest.local.lan to dmz",
       "accept service ssh from staff.local.lan to farm.servers.dmz", "accept service dns from desk.office.lan to inet",
       "accept service ping from modern.office.lan to any", "accept service ftp from nas.local.lan to any",
       "accept service ports from lan to friend.world.inet", "accept service dns from old.local.lan to any",
       "accept service dns from attic to any", "accept service retired from any to any",
       "accept service ping from lan to printer.local.lan options in_int=\"office\"",
       "accept service http from lan to inet options in_int=\"dmz\""});
}

TEST_CASE("services of every kind") {
  compare_rules({"accept service http from any to any", "accept service ports from any to any",
                 "accept service syslog from any to any", "accept service gre from any to any",
                 "accept service esp from lan to any", "accept service time from any to any",
                 "accept service ping6 from lan to dmz", "accept service ping from dmz to inet",
                 "accept service errors from any to any", "accept service ftp from any to any"});
}

TEST_CASE("broadcasts of a service and of a network") {
  compare_rules({"accept service netbios from lan to firewall", "accept service netbios from firewall to local.lan",
                 "drop service netbios from firewall to dmz",
                 "accept service dns from firewall to local.lan(broadcast)",
                 "accept service ports from lan to local.lan(broadcast)"});
}

TEST_CASE("queues, ranges and log groups go into the connection mark") {
  compare_rules({"nfqueue service http from lan to dmz options nfqueuenum=\"7\"", "queue service dns from any to any",
                 "nfqueue service ssh from any to any options nfqueuenum=\"65535\",bypass",
                 "nfqueue service https from any to any options nfqueuenum=\"100:107\"",
                 "nflog service ping from any to any options nflognum=\"9\"",
                 "nflog service ftp from lan to any options nflognum=\"12\",log,logprefix=\"both\"",
                 "nfqueue service ports from any to any options nfqueuenum=\"42\",log,logprefix=\"to 42\"",
                 "accept service any from lan to inet"});
}

TEST_CASE("packet marks stay with their connections") {
  compare_rules({"accept service http from lan to any options nfmark=\"7\"",
                 "accept service https from any to any options nfmark=\"0x100/0xf00\"",
                 "nfqueue service ssh from any to any options nfqueuenum=\"3\",nfmark=\"0x70000\"",
                 "nflog service dns from any to any options nflognum=\"10\",nfmark=\"11\"",
                 "accept service any from any to any"});
}

TEST_CASE("log rules go on, and a log option records what its rule takes") {
  compare_rules({"log service any from lan to dmz options logprefix=\"seen\"",
                 "accept service http from any to any options log,logprefix=\"web\"",
                 "drop service https from any to any options log",
                 "log service dns from any to any options limit=\"1/hour\",burst=\"3\",logprefix=\"few\"",
                 "accept service dns from any to any"});
}

TEST_CASE("a rule over its limit is as if it did not match") {
  compare_rules({"accept service http from any to any options limit=\"1/hour\"",
                 "nfqueue service https from any to any options nfqueuenum=\"2\",limit=\"2/hour\",burst=\"9\"",
                 "accept service dns from lan to any options limit=\"1/hour\",burst=\"1\",log,logprefix=\"once\"",
                 "nflog service http from any to any options nflognum=\"11\"",
                 "reject service any from any to dmz options limit=\"1/hour\",burst=\"20\"",
                 "accept service https from any to any"});
}

TEST_CASE("chains of the user decide or come back") {
  compare_rules({"chain service http from any to any options chain=\"my-empty\"",
                 "chain service http from any to any options chain=\"my-accept\"",
                 "chain service https from any to any options chain=\"my-drop\",log,logprefix=\"asked\"",
                 "accept service https from any to any",
                 "chain service dns from lan to any options chain=\"my-empty\""});
}

TEST_CASE("destination NAT: portfw, dnat, redirect") {
  compare_rules(
      {"portfw service http from inet to web.servers.dmz",
       "portfw service https from any to mail.servers.dmz options remoteport=\"8443\"",
       "portfw service ports from world.inet to web.servers.dmz options listenport=\"8005,9001\",remoteport=\"80,81\"",
       "dnat service ssh from inet to web.servers.dmz options remoteport=\"2222\"",
       "redirect service http from lan to inet options redirectport=\"3128\"",
       "redirect service dns from local.lan to any options redirectport=\"53\",nfmark=\"5\"",
       "accept service ping from inet to firewall"});
}

TEST_CASE("a dnat rule needs another rule to accept") {
  compare_rules({"dnat service ssh from inet to web.servers.dmz", "accept service ssh from inet to dmz",
                 "dnat service https from inet to mail.servers.dmz"});
}

TEST_CASE("source NAT: masq, snat") {
  compare_rules({"accept service any from lan to inet", "accept service any from dmz to inet",
                 "accept service any from lan to dmz", "masq service any from local.lan to inet",
                 "snat service http from office.lan to inet", "snat service ping from servers.dmz to world.inet",
                 "snat service any from lan to servers.dmz"});
}

TEST_CASE("source NAT to the second address of a device") {
  Files files = with_rules({"accept service any from lan to dmz", "accept service any from lan to inet",
                            "snat service http from lan to dmz", "snat service any from local.lan to dmz"});
  files["interfaces/dmz-second.conf"] = "ACTIVE=\"Yes\"\nDEVICE=\"dmz0:1\"\nVIRTUAL=\"Yes\"\nIPADDRESS=\"10.3.0.77\"\n";
  std::string& servers = files["zones/dmz/networks/servers/network.config"];
  servers.replace(servers.find("INTERFACE=\"dmz\""), 15, "INTERFACE=\"dmz-second\"");
  compare(files);
}

TEST_CASE("bounce leads clients back to a server beside them") {
  compare_rules({"bounce service http from local.lan to nas.local.lan options via_int=\"lan\"",
                 "bounce service https from lan to web.servers.dmz options via_int=\"office\",remoteport=\"8443\"",
                 "accept service any from lan to inet"});
}

TEST_CASE("the blocklist comes before the rules") {
  Files files = with_rules({"accept service any from any to any", "nfqueue service any from any to any"});
  files["rules/blocklist.conf"] =
      "RULE=\"block 198.51.100.0/24\"\nRULE=\"block staff.local.lan\"\nRULE=\"block 2001:db8:3::11\"\n";
  compare(files);
}

TEST_CASE("anti-spoofing in both directions") {
  Files files = with_rules({"accept service any from any to any"});
  files["zones/inet/networks/world/network.config"] +=
      "RULE=\"protect against spoofing from class-a\"\nRULE=\"protect against spoofing from test-net\"\n";
  files["zones/dmz/networks/servers/network.config"] += "RULE=\"protect against spoofing from test-net\"\n";
  compare(files);
}

TEST_CASE("reverse path filtering by interface") {
  Files files = with_rules({"accept service any from any to any"});
  for (const char* name : {"lan", "inet"})
    files[std::string("interfaces/") + name + ".conf"] += "RULE=\"protect against rp-filter\"\n";
  compare(files);
}

TEST_CASE("DHCP of networks that ask for it") {
  Files files = with_rules({"accept service http from lan to any"});
  files["zones/lan/networks/local/network.config"] += "RULE=\"accept dhcp-server\"\n";
  files["zones/inet/networks/world/network.config"] += "RULE=\"accept dhcp-client\"\n";
  compare(files);
}

TEST_CASE("INVALID packets match no rule even when they are not dropped first") {
  Files files = with_rules({"accept service any from any to any"});
  files["config.conf"] += "DROP_INVALID=\"No\"\n";
  compare(files);
}

TEST_CASE("another field of the connection mark") {
  Files files = with_rules({"nfqueue service http from any to any options nfqueuenum=\"42\"",
                            "nflog service dns from any to any options nflognum=\"9\"",
                            "accept service any from lan to any options nfmark=\"3\""});
  files["config.conf"] += "CONNMARK_MASK=\"0xff\"\n";
  compare(files);
}

TEST_CASE("a network with two interfaces and several addresses") {
  Files files = with_rules({"accept service http from local.lan to dmz", "accept service ssh from dmz to local.lan",
                            "accept service dns from local.lan to firewall", "accept service ping from firewall to lan",
                            "accept service https from local.lan to any options in_int=\"office\"",
                            "accept service ftp from any to any options in_int=\"office\""});
  files["zones/lan/networks/local/network.config"] +=
      "INTERFACE=\"office\"\nNETWORK=\"10.2.0.8\"\nNETMASK=\"255.255.255.252\"\n";
  compare(files);
}
