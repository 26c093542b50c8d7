// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/machine.h"

namespace vuurmuur::screens {

/// What a device is connected to.
enum class Side : std::uint8_t { Nothing, Internet, Lan, Dmz };

/// What a first configuration is to be.
struct Wishes {
  std::vector<Side> sides;  ///< of the machine's devices, in their order
  bool lan_may_out = true;  ///< the LAN may connect to the internet
  bool masquerades = true;  ///< it does so under the firewall's address
  std::map<app::Listener, Side>
      open{};  ///< services of this machine and who may use them: the LAN, or everybody (Internet)
  /// Where the present SSH session comes from, and the port it came to; empty, 0: there is none.
  std::string session_from{};
  std::uint16_t session_port = 0;
};

/// What a machine's devices, routes and session say by themselves. `ssh_connection`: SSH_CONNECTION, or empty.
[[nodiscard]] Wishes guess(const app::Machine& machine, const std::string& ssh_connection);

/// The files of a configuration that does what is wished: what this machine needs itself (DNS, NTP, updates) may go
/// out, the present session stays, nothing else comes in.
[[nodiscard]] std::map<std::string, std::string> propose(const app::Machine& machine, const Wishes& wishes);

/// The name of a service for a listener: "ssh" for TCP 22, "tcp-2222" for one that no known service is.
[[nodiscard]] std::string service_of(const app::Machine& machine, const app::Listener& listener);

}  // namespace vuurmuur::screens
