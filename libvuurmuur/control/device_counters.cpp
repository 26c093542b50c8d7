// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/device_counters.h"

#include <optional>

#include "base/strings.h"

namespace vuurmuur::control {
namespace {

/// Bytes, packets, errs, drop, fifo, frame, compressed, multicast received; bytes, packets… sent.
constexpr std::size_t kReceived = 0, kSent = 8, kColumns = 16;

std::optional<DeviceCounters> device_from(std::string_view line) {
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  DeviceCounters device{.name = std::string(base::trim(line.substr(0, colon)))};
  std::vector<std::uint64_t> numbers;
  for (const std::string_view word : base::split(line.substr(colon + 1), ' ')) {
    if (word.empty()) continue;
    const auto number = base::parse_number<std::uint64_t>(word);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  if (device.name.empty() || numbers.size() < kColumns) return std::nullopt;
  device.received = {.packets = numbers[kReceived + 1], .bytes = numbers[kReceived]};
  device.sent = {.packets = numbers[kSent + 1], .bytes = numbers[kSent]};
  return device;
}

}  // namespace

std::vector<DeviceCounters> devices_from_proc(std::string_view text) {
  std::vector<DeviceCounters> devices;
  for (const std::string_view line : base::split(text, '\n'))
    if (auto device = device_from(line); device && device->name != "lo") devices.push_back(std::move(*device));
  return devices;
}

}  // namespace vuurmuur::control
