// SPDX-License-Identifier: GPL-2.0-or-later
// Limits and records: what is counted, what is written.
#include "conversation.h"
#include "ir/log_prefix.h"
#include "support/catch.h"
#include "support/policy_files.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

lab::Packet udp(const char* from, std::uint16_t source_port, std::uint16_t port) {
  lab::Packet packet;
  packet.source = *net::Address::parse(from);
  packet.destination = *net::Address::parse(packet.family() == net::Family::Ipv4 ? "10.3.0.10" : "2001:db8:3::10");
  packet.source_port = source_port;
  packet.destination_port = port;
  return packet;
}

lab::Packet syn(const char* from, std::uint16_t source_port) {
  lab::Packet packet = udp(from, source_port, 80);
  packet.protocol = net::Protocol::Tcp;
  packet.tcp_flags = 2;
  return packet;
}

/// A prefix without the identity of its rule, which must be there.
std::string readable(const std::string& prefix) {
  const auto parts = ir::read_log_prefix(prefix);
  if (!parts) return prefix;
  CHECK(parts->identity.size() == ir::kIdentitySize);
  return prefix.substr(0, prefix.size() - parts->identity.size() - 1);
}

unsigned passed(const std::vector<lab::Packet>& packets, const char* device = "lan0") {
  for (const lab::Packet& packet : packets) gateway().wire.send(device, packet);
  return static_cast<unsigned>(gateway().wire.settle().size());
}

}  // namespace

TEST_CASE("a source that opens too many connections a second is held back, others are not") {
  lab::Gateway& bench = gateway();
  Files files = with_rules({"accept service any from lan to dmz"});
  files["config.conf"] =
      "USE_SYN_LIMIT=\"Yes\"\nSYN_LIMIT=\"1\"\nSYN_LIMIT_BURST=\"20\"\nUSE_UDP_LIMIT=\"Yes\"\nUDP_LIMIT=\"1\"\nUDP_"
      "LIMIT_BURST=\"7\"\n";
  load(bench, Policy(files));
  const auto [greedy, modest] =
      GENERATE(table<const char*, const char*>({{"10.1.0.10", "10.2.0.10"}, {"fd00:1::10", "fd00:2::10"}}));
  std::vector<lab::Packet> many;
  for (std::uint16_t port = 42000; port < 42060; ++port) many.push_back(syn(greedy, port));
  const unsigned connections = passed(many);
  CHECK(connections >= 20);
  CHECK(connections <= 24);  // the burst, and what a few seconds of a slow machine add
  CHECK(passed({syn(modest, 42000)}, "lan1") == 1);

  many.clear();
  for (std::uint16_t port = 43000; port < 43040; ++port) many.push_back(udp(greedy, port, 53));
  const unsigned flows = passed(many);
  CHECK(flows >= 7);
  CHECK(flows <= 11);
  CHECK(passed({udp(modest, 43000, 53)}, "lan1") == 1);
  bench.conntrack.flush();
}

TEST_CASE("log records say the action and the prefix, in the group of the settings") {
  lab::Gateway& bench = gateway();
  bench.logs.bind(8);
  bench.logs.bind(30);
  load(bench, Policy(with_rules({"accept service dns from lan to dmz options log,logprefix=\"names\"",
                                 "log service syslog from lan to dmz",
                                 "nflog service syslog from lan to dmz options nflognum=\"30\"",
                                 "drop service any from lan to dmz options log"})));
  (void)bench.logs.records();
  CHECK(passed({udp("10.1.0.10", 44000, 53), udp("fd00:1::10", 514, 514), udp("10.1.0.10", 44001, 54)}) == 2);
  bench.wire.send("dmz0", udp("fd00:1::10", 514, 514).reversed());
  CHECK(bench.wire.settle().size() == 1);
  std::vector<std::string> said;
  for (const auto& record : bench.logs.records())
    said.push_back(std::to_string(record.group) + " '" + readable(record.prefix) + "' " + record.packet.to_string());
  CHECK(said == std::vector<std::string>{"8 'vrmr: ACCEPT names ' udp 10.1.0.10:44000 > 10.3.0.10:53",
                                         "8 'vrmr: NFLOG  ' udp fd00:1::10:514 > 2001:db8:3::10:514",
                                         "30 '' udp fd00:1::10:514 > 2001:db8:3::10:514",
                                         "8 'vrmr: DROP  ' udp 10.1.0.10:44001 > 10.3.0.10:54",
                                         "30 '' udp 2001:db8:3::10:514 > fd00:1::10:514"});
  bench.conntrack.flush();
}

TEST_CASE("loglimit holds back records, not packets") {
  lab::Gateway& bench = gateway();
  bench.logs.bind(8);
  load(bench, Policy(with_rules({"accept service dns from lan to dmz options log,loglimit=\"1\""})));
  (void)bench.logs.records();
  std::vector<lab::Packet> many;
  for (std::uint16_t port = 45000; port < 45030; ++port) many.push_back(udp("10.1.0.10", port, 53));
  CHECK(passed(many) == 30);
  const std::size_t records = bench.logs.records().size();
  CHECK(records >= 2);
  CHECK(records <= 5);
  bench.conntrack.flush();
}
