// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/log_names.h"

#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

std::unique_ptr<control::CheckedPolicy> office() {
  base::MemoryFileSystem files;
  files.files["/tree/interfaces/nic.conf"] = "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"10.1.0.1\"\nIPV6ADDRESS=\"fd00:1::1\"\n";
  files.files["/tree/zones/lan/zone.config"] = "ACTIVE=\"Yes\"\n";
  files.files["/tree/zones/lan/networks/local/network.config"] =
      "ACTIVE=\"Yes\"\nNETWORK=\"10.1.0.0\"\nNETMASK=\"255.255.0.0\"\nIPV6NETWORK=\"fd00:1::\"\nIPV6CIDR=\"64\"\nINTERFACE=\"nic\"\n";
  files.files["/tree/zones/lan/networks/local/hosts/pc.host"] =
      "ACTIVE=\"Yes\"\nIPADDRESS=\"10.1.0.5\"\nIPV6ADDRESS=\"fd00:1::5\"\n";
  files.files["/tree/services/ssh"] = "ACTIVE=\"Yes\"\nTCP=\"22*1024:65535\"\n";
  files.files["/tree/services/ping"] = "ACTIVE=\"Yes\"\nICMP=\"8*0\"\n";
  files.files["/tree/rules/rules.conf"] = "RULE=\"accept service ssh from lan to firewall\"\n";
  return control::check_tree(files, "/tree");
}

log::Packet packet(const char* source, const char* destination, net::Protocol protocol) {
  return {.source = *net::Address::parse(source), .destination = *net::Address::parse(destination), .protocol = protocol};
}

}  // namespace

TEST_CASE("ends and services of a packet have the names of the policy, in both families") {
  const auto checked = office();
  REQUIRE_FALSE(checked->sink.has_errors());
  const control::LogNames namer(checked->tree.policy, checked->policy);
  log::Names names;
  for (const auto& [source, destination] : {std::pair{"10.1.0.5", "10.1.0.1"}, {"fd00:1::5", "fd00:1::1"}}) {
    log::Packet ssh = packet(source, destination, net::Protocol::Tcp);
    ssh.ports = log::Packet::Ports{40000, 22};
    namer.name(ssh, "eth0", "", names);
    CHECK(names == log::Names{.service = "ssh", .from = "pc.local.lan", .to = "firewall(nic)", .from_zone = "lan", .to_zone = "firewall"});
  }
}

TEST_CASE("what has no name stays what it is, with the zone that it is in") {
  const auto checked = office();
  const control::LogNames namer(checked->tree.policy, checked->policy);
  log::Names names;
  log::Packet other = packet("10.1.9.9", "203.0.113.1", net::Protocol::Udp);
  other.ports = log::Packet::Ports{1, 2};
  namer.name(other, "eth0", "", names);
  CHECK(names == log::Names{.service = "1->2(udp)", .from = "10.1.9.9", .to = "203.0.113.1", .from_zone = "lan", .to_zone = ""});
  // Loopback is this machine's, whatever the policy says.
  namer.name(packet("127.0.0.1", "10.1.0.5", net::Protocol::Gre), "lo", "", names);
  CHECK(names.from == "firewall(lo)");
  CHECK(names.service == "(gre)");
  // A fragment without ports is of no service.
  namer.name(packet("10.1.0.5", "10.1.0.1", net::Protocol::Tcp), "eth0", "", names);
  CHECK(names.service == "(tcp)");
}
