// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/evaluate.h"

namespace vuurmuur::ir {

/// What a rule says of a device.
struct DeviceTest {
  enum class Kind : std::uint8_t { Any, Exactly, Pattern };
  Kind kind = Kind::Any;
  std::uint16_t number = 0;  ///< the DeviceId, or the place of the pattern
};

/// Devices and the names that rules have for them ("eth0", "ppp+"), as numbers.
class DeviceNames {
 public:
  [[nodiscard]] DeviceId number(std::string_view name);
  /// The test for an interface of a rule; empty or "+" is any.
  [[nodiscard]] DeviceTest test(std::string_view of_rule);
  [[nodiscard]] Known holds(const DeviceTest& test, DeviceId device) const;

 private:
  [[nodiscard]] bool fits(std::string_view name, std::string_view pattern) const { return name.starts_with(pattern); }

  std::unordered_map<std::string, DeviceId> numbers_;
  std::vector<std::string> names_;     ///< by number, without the first two
  std::vector<std::string> patterns_;  ///< without the "+"
  /// For each device, for each pattern: whether it fits.
  std::vector<std::vector<bool>> fits_;
};

}  // namespace vuurmuur::ir
