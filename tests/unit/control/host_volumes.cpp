// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/host_volumes.h"

#include <algorithm>

#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

std::unique_ptr<CheckedPolicy> policy() {
  base::MemoryFileSystem files;
  files.files["/tree/interfaces/nic.conf"] = "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"10.1.0.1\"\n";
  files.files["/tree/zones/lan/zone.config"] = "ACTIVE=\"Yes\"\n";
  files.files["/tree/zones/lan/networks/local/network.config"] =
      "ACTIVE=\"Yes\"\nNETWORK=\"10.1.0.0\"\nNETMASK=\"255.255.0.0\"\nINTERFACE=\"nic\"\n";
  files.files["/tree/zones/inet/zone.config"] = "ACTIVE=\"Yes\"\n";
  files.files["/tree/zones/inet/networks/world/network.config"] =
      "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nINTERFACE=\"nic\"\n";
  files.files["/tree/rules/rules.conf"] = "RULE=\"accept service any from lan to world.inet\"\n";
  return check_tree(files, "/tree");
}

filter::End end(const char* address, const char* network, const char* name = "") {
  return {.address = *net::Address::parse(address), .name = name, .network = network};
}

/// A connection that sent 3 packets of 300 bytes there and got 5 of 5,000 back.
struct Ended {
  apply::TrackedConnection tracked;
  NamedConnection named;
  Ended(const filter::End& from, const filter::End& to) {
    tracked.to = {.packets = 3, .bytes = 300};
    tracked.back = {.packets = 5, .bytes = 5000};
    named.tracked = &tracked;
    named.sources[0] = from;
    named.destinations[0] = to;
  }
};

volumes::Pair counted(const std::vector<volumes::Reading>& readings, const std::string& name) {
  const auto found = std::ranges::find(readings, name, [](const volumes::Reading& reading) { return reading.subject.name; });
  if (found == readings.end()) return {};
  CHECK(found->subject.kind == volumes::Kind::Host);
  return found->counts;
}

}  // namespace

TEST_CASE("a host has what it sent and what it received, by its name, its address or its network") {
  const auto checked = policy();
  REQUIRE_FALSE(checked->sink.has_errors());
  HostVolumes hosts;
  hosts.follow(&checked->policy);
  hosts.add(Ended(end("10.1.0.5", "local.lan", "pc.local.lan"), end("203.0.113.9", "world.inet")).named);
  hosts.add(Ended(end("10.1.0.6", "local.lan"), end("203.0.113.10", "world.inet")).named);
  hosts.add(Ended(end("203.0.113.77", "world.inet"), end("10.1.0.5", "local.lan", "pc.local.lan")).named);
  hosts.add(Ended(end("192.0.2.1", ""), end("10.1.0.6", "local.lan")).named);
  const auto readings = hosts.take();
  CHECK(readings.size() == 4);
  CHECK(counted(readings, "pc.local.lan") == volumes::Pair{{8, 5300}, {8, 5300}});
  CHECK(counted(readings, "10.1.0.6") == volumes::Pair{{8, 5300}, {8, 5300}});
  CHECK(counted(readings, "world.inet") == volumes::Pair{{13, 10300}, {11, 5600}});
  CHECK(counted(readings, "elsewhere") == volumes::Pair{{3, 300}, {5, 5000}});
  CHECK(hosts.take().empty());
}

TEST_CASE("more hosts than can be gathered count for their network") {
  const auto checked = policy();
  HostVolumes hosts;
  hosts.follow(&checked->policy);
  for (std::uint32_t i = 0; i < HostVolumes::kMost + 50; ++i) {
    Ended each(end("10.1.0.1", "local.lan"), end("203.0.113.9", "world.inet"));
    each.named.sources[0].address = net::Address::ipv4(0x0a010000 + i);
    hosts.add(each.named);
  }
  const auto readings = hosts.take();
  CHECK(readings.size() == HostVolumes::kMost + 1);
  // The network of the other end is one of those that were gathered.
  CHECK(counted(readings, "local.lan").first.packets == 3 * 51);
  CHECK(counted(readings, "world.inet").second.packets == 3 * (HostVolumes::kMost + 50));
}
