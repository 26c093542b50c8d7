// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// What the addresses are called that this machine's devices have at the moment: by the interface that a policy has for
/// a device, or by the device.
class OwnNames {
 public:
  explicit OwnNames(const sema::Policy& policy);

  /// Asks the kernel (getifaddrs(3)). To be called now and then; takes no time in proportion to the policy.
  void look_around();

  /// "firewall(lan)", until the next look_around(); null: it is none of this machine's.
  [[nodiscard]] const std::string* find(const net::Address& address) const;

 private:
  std::map<std::string, std::string, std::less<>> interfaces_;  ///< their names by their devices
  std::map<net::Address, std::string> own_;
};

}  // namespace vuurmuur::control
