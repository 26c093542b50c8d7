// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "lab/namespace.h"
#include "model/policy.h"
#include "net/address.h"
#include "reference/world.h"

namespace vuurmuur::demo {

/// Ports that every machine serves: what does not get through was stopped on the way.
inline constexpr std::uint16_t kTcpPorts[] = {22, 23, 25, 80, 113, 443, 587, 993, 2222};
inline constexpr std::uint16_t kUdpPorts[] = {53, 123};

/// One machine of the demo: a namespace with its addresses and its servers.
struct Machine {
  lab::NetNamespace where;
  std::vector<net::Address> addresses;
  std::vector<base::UniqueFd> tcp_listeners;  ///< one a port, both families
  std::vector<base::UniqueFd> udp_servers;    ///< one an address and port
};

/// The networks of the sample gateway: lan, dmz and inet around the firewall, addresses and hosts from the policy
/// itself. Each network is one machine that has all addresses of its hosts.
class Network {
 public:
  explicit Network(const model::Policy& policy);

  [[nodiscard]] Machine& machine(const std::string& name) { return machines_.at(name); }
  [[nodiscard]] std::map<std::string, Machine>& machines() { return machines_; }
  [[nodiscard]] const reference::World& world() const { return world_; }
  /// The device of the firewall behind which a machine is; empty for the firewall.
  [[nodiscard]] std::string device_of(const std::string& machine) const {
    return machine == "firewall" ? "" : machine + "0";
  }
  /// A host's address of a family: "pc.local.lan", "website" (somewhere in the internet) or "firewall@DEVICE".
  [[nodiscard]] net::Address address(const std::string& host, net::Family family) const;
  /// The machine that has a host's addresses.
  [[nodiscard]] std::string machine_of(const std::string& host) const;

 private:
  void add_segment(const model::Policy& policy, const std::string& zone);
  void wait_until_up();
  void start_servers();

  std::map<std::string, Machine> machines_;
  std::map<std::string, std::vector<net::Address>> hosts_;
  reference::World world_;
};

}  // namespace vuurmuur::demo
