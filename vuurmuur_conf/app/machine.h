// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "net/address.h"

namespace vuurmuur::app {

/// A network device as the kernel has it.
struct Device {
  std::string name;
  bool is_up = false, has_default_route = false;
  std::vector<net::Prefix> networks;     ///< of its addresses, host bits cleared, link-local ones left out
  std::vector<net::Address> addresses;   ///< in the same order
};

/// What listens for connections from other machines.
struct Listener {
  bool is_udp = false;
  std::uint16_t port = 0;
  auto operator<=>(const Listener&) const = default;
};

/// What a first configuration is proposed from.
struct Machine {
  std::vector<Device> devices;      ///< without loopback, by name
  std::vector<Listener> listeners;  ///< sorted, each once
  /// Service files that can be copied, by name.
  std::map<std::string, std::string> services;
};

}  // namespace vuurmuur::app
