// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/device_names.h"

#include <algorithm>

namespace vuurmuur::ir {
namespace {

/// DeviceId::None and Unknown come first.
constexpr std::size_t kReserved = 2;

}  // namespace

DeviceId DeviceNames::number(std::string_view name) {
  const auto [found, is_new] =
      numbers_.try_emplace(std::string(name), static_cast<DeviceId>(names_.size() + kReserved));
  if (is_new) {
    names_.emplace_back(name);
    fits_.emplace_back();
    for (const std::string& pattern : patterns_) fits_.back().push_back(fits(name, pattern));
  }
  return found->second;
}

DeviceTest DeviceNames::test(std::string_view of_rule) {
  if (of_rule.empty() || of_rule == "+") return {};
  if (!of_rule.ends_with('+')) return {DeviceTest::Kind::Exactly, static_cast<std::uint16_t>(number(of_rule))};
  of_rule.remove_suffix(1);
  const auto found = std::ranges::find(patterns_, of_rule);
  if (found == patterns_.end()) {
    patterns_.emplace_back(of_rule);
    for (std::size_t i = 0; i < names_.size(); ++i) fits_[i].push_back(fits(names_[i], of_rule));
    return {DeviceTest::Kind::Pattern, static_cast<std::uint16_t>(patterns_.size() - 1)};
  }
  return {DeviceTest::Kind::Pattern, static_cast<std::uint16_t>(found - patterns_.begin())};
}

Known DeviceNames::holds(const DeviceTest& test, DeviceId device) const {
  if (test.kind == DeviceTest::Kind::Any) return Known::Yes;
  if (device == DeviceId::None) return Known::No;
  if (device == DeviceId::Unknown) return Known::Maybe;
  const auto number = static_cast<std::uint16_t>(device);
  const bool fits =
      test.kind == DeviceTest::Kind::Exactly ? test.number == number : fits_[number - kReserved][test.number];
  return fits ? Known::Yes : Known::No;
}

}  // namespace vuurmuur::ir
