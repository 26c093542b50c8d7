// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"

namespace vuurmuur::test {

/// A firewall in force that lets everything in, with its daemon.
struct OpenFirewall : DaemonFixture {
  OpenFirewall() {
    firewall.tree.write("zones/inet/networks/world6/network.config",
                        "ACTIVE=\"Yes\"\nIPV6NETWORK=\"::\"\nIPV6CIDR=\"0\"\nINTERFACE=\"nic\"\n");
    firewall.tree.rules(
        "accept service any from world.inet to firewall\naccept service any from world6.inet to firewall");
    lab::ip("addr add 2001:db8::1/64 dev eth0 nodad\n");
    {
      const lab::Inside there(firewall.peer());
      lab::ip("addr add 192.0.2.66/24 dev far0\naddr add 2001:db8::66/64 dev far0 nodad\n");
    }
    const Outcome applied = firewall.apply();
    INFO(applied.err);
    REQUIRE(applied.status == 0);
    start();
  }
  [[nodiscard]] bool reaches(const std::string& peer) const {
    std::optional<UdpSocket> there;
    {
      const lab::Inside inside(firewall.peer());
      there.emplace(peer);
    }
    return arrives(*there, UdpSocket(peer.find(':') == std::string::npos ? "192.0.2.1" : "2001:db8::1"));
  }
  /// Seconds that an address is blocked still; nothing when it is not.
  [[nodiscard]] std::optional<double> left(const std::string& address) const {
    for (const auto& block : firewall.json({"list", "--blocked"}))
      if (block.at("address") == address && block.at("seconds_left").is_number())
        return block.at("seconds_left").get<double>();
    return std::nullopt;
  }
};

}  // namespace vuurmuur::test
