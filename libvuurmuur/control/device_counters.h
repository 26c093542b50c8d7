// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "apply/counters.h"

namespace vuurmuur::control {

/// What a network device has received and sent, as its driver counts, whatever rules make of the packets.
struct DeviceCounters {
  std::string name;
  apply::Counters received, sent;
  bool operator==(const DeviceCounters&) const = default;
};

/// In the text of /proc/net/dev (proc(5)), but for the loopback device. Lines that are something else are left out.
[[nodiscard]] std::vector<DeviceCounters> devices_from_proc(std::string_view text);

}  // namespace vuurmuur::control
