// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <random>
#include <vector>

#include "support/flow.h"

namespace vuurmuur::kernel_test {

/// Where a probe comes from: a host behind a device, or the firewall itself.
struct Origin {
  std::string device;  ///< empty: the firewall
  net::Address source;
  net::MacAddress mac = lab::Wire::kHostMac;
};

/// A kind of traffic, without addresses.
struct Traffic {
  lab::Packet packet;
  reference::State state = reference::State::New;
};

/// Probes between the gateway's networks. Each has ports, sequence numbers and a payload of its own.
class Probes {
 public:
  /// Every origin with every destination and every kind of traffic of a family.
  [[nodiscard]] std::vector<Probe> all(net::Family family);
  /// One of those, by chance; spoofed sources, broadcasts and odd packets among them.
  [[nodiscard]] Probe any(std::mt19937& random);

 private:
  [[nodiscard]] Probe make(const Origin& from, const net::Address& to, const Traffic& traffic);
  std::uint32_t serial_ = 0;
};

}  // namespace vuurmuur::kernel_test
