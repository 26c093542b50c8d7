// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "lab/namespace.h"
#include "net/address.h"

namespace vuurmuur::kernel_test {

enum class Side : std::uint8_t { Near, Far };

[[nodiscard]] constexpr Side other(Side side) { return side == Side::Near ? Side::Far : Side::Near; }

/// A firewall with a neighbour on either side, each a machine with an IP stack of its own:
///
///     near 10.1.0.20/24 fd00:1::20/64 ── lan0 .1 ::1 [firewall] inet0 .2 ::2 ── far 203.0.113.1/24 2001:db8:ff::1/64
///
/// The near side also stands for the hosts 10.1.0.10 to .15 and fd00:1::10 to ::15, the far side for the rest of the
/// world: their packets are made by hand (port.h), and no stack answers for them. All neighbours are known, so address
/// resolution costs no packet.
class Road {
 public:
  Road();

  [[nodiscard]] const lab::NetNamespace& firewall() const { return firewall_; }
  [[nodiscard]] const lab::NetNamespace& machine(Side side) const { return side == Side::Near ? near_ : far_; }
  /// The firewall's hardware address as a side sees it, and the one that the firewall knows a side by.
  [[nodiscard]] net::MacAddress firewall_mac(Side side) const;
  [[nodiscard]] net::MacAddress own_mac(Side side) const;
  /// Packets that the devices themselves lost since the road was made, on the way and not in the firewall's rules.
  [[nodiscard]] std::uint64_t dropped_by_devices() const;

  /// The device of each side in its machine.
  static constexpr const char* kOwnDevice = "out0";

 private:
  lab::NetNamespace near_, firewall_, far_;
};

/// The road of this program, made at the first call.
[[nodiscard]] Road& road();

}  // namespace vuurmuur::kernel_test
