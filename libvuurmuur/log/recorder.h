// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "log/entry.h"
#include "log/rule_table.h"

namespace vuurmuur::log {

/// Makes entries of what the kernel sends: finds names and rules, and counts what was lost.
class Recorder {
 public:
  /// The name of a device by its number; empty when there is none any more (if_indextoname(3)).
  using DeviceName = std::function<std::string(std::uint32_t number)>;

  explicit Recorder(DeviceName device_name) : device_name_(std::move(device_name)), namer_(std::make_shared<NoNames>()) {}

  /// From now on. Records of rules that are in force no more still come for a moment: those of the table before are
  /// asked as well.
  void use(std::shared_ptr<const Namer> namer, std::shared_ptr<const RuleTable> rules);
  /// Devices came, went or changed their names.
  void forget_devices() { devices_.clear(); }

  /// Reads a message of the kernel (record.h). Null when it is none of ours: its prefix begins otherwise, or no packet
  /// was copied. Valid until the next call.
  [[nodiscard]] const Entry* take(std::span<const std::uint8_t> message, Time now);

  /// How many records were lost since the last call: numbers that are missing between those that came.
  [[nodiscard]] std::uint64_t take_lost() { return std::exchange(lost_, 0); }

 private:
  [[nodiscard]] const std::string& device(std::uint32_t number);
  void note_sequence(const Record& record);

  DeviceName device_name_;
  std::shared_ptr<const Namer> namer_;
  std::shared_ptr<const RuleTable> rules_, rules_before_;
  std::map<std::uint32_t, std::string> devices_;
  std::map<std::uint16_t, std::uint32_t> expected_;  ///< the next number of each group
  std::uint64_t lost_ = 0;
  Record record_;
  Entry entry_;
};

}  // namespace vuurmuur::log
