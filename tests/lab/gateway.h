// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "lab/conntrack.h"
#include "lab/log_consumer.h"
#include "lab/namespace.h"
#include "lab/packet.h"
#include "lab/queue_consumer.h"
#include "lab/stack.h"
#include "lab/wire.h"
#include "net/address.h"

namespace vuurmuur::lab {

/// A device of the test firewall with its addresses.
struct Device {
  std::string name;
  std::vector<net::Prefix> addresses;  ///< of the firewall in its network
};

/// The devices of a Gateway, also for tests that have none.
[[nodiscard]] std::vector<Device> gateway_devices();

/// The firewall that all packet tests use, with its far ends on a Wire:
///
///     lan0   10.1.0.1/24     fd00:1::1/64        a private network
///     lan1   10.2.0.1/24     fd00:2::1/64        a second one
///     dmz0   10.3.0.1/24     2001:db8:3::1/64    public IPv6 addresses
///     inet0  203.0.113.2/24  2001:db8:ff::2/64   the default routes lead to .1 and ::1
///
/// Hosts are not machines, just addresses: .10 to .15 and ::10 to ::15 of each network, all at Wire::kHostMac, known to
/// the firewall by permanent neighbour entries, so that no address resolution disturbs.
class Gateway {
 public:
  Gateway();

  [[nodiscard]] const std::vector<Device>& devices() const { return devices_; }
  [[nodiscard]] const NetNamespace& firewall() const { return firewall_; }

 private:
  std::vector<Device> devices_;
  NetNamespace firewall_;

 public:
  Wire wire;
  Stack stack;
  QueueConsumer queues;
  LogConsumer logs;
  Conntrack conntrack;
};

}  // namespace vuurmuur::lab
