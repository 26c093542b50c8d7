// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "lab/namespace.h"
#include "lab/packet.h"

namespace vuurmuur::lab {

/// The firewall's own end of traffic: tells what reached it past INPUT, and sends through OUTPUT what a test writes.
class Stack {
 public:
  explicit Stack(const NetNamespace& firewall);

  /// Packets that were delivered to this machine since the last call, without neighbour discovery.
  [[nodiscard]] std::vector<Packet> received();
  /// Sends a packet as it is, out of a device when one is named, else where the routes lead. A packet that the firewall
  /// drops is no error.
  void send(const Packet& packet, const std::string& device = {});
  /// Opens a TCP listener for both families. It lives as long as this object.
  void listen(std::uint16_t port);
  /// Opens a TCP listener that never answers, for both families: what is sent there is delivered and that is all.
  void swallow(std::uint16_t port);

 private:
  base::UniqueFd open_listener(std::uint16_t port);
  struct Receiver {
    net::Family family;
    net::Protocol protocol;
    base::UniqueFd socket;
  };
  const NetNamespace& namespace_;
  std::vector<Receiver> receivers_;
  std::vector<base::UniqueFd> listeners_;
};

}  // namespace vuurmuur::lab
