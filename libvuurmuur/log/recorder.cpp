// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/recorder.h"

#include <utility>

#include "ir/log_prefix.h"

namespace vuurmuur::log {
namespace {

/// A machine has fewer; whoever makes and removes devices all the time does not fill the memory.
constexpr std::size_t kMostDevices = 4096;

}  // namespace

void Recorder::use(std::shared_ptr<const Namer> namer, std::shared_ptr<const RuleTable> rules) {
  namer_ = std::move(namer);
  if (!namer_) namer_ = std::make_shared<NoNames>();
  rules_before_ = std::exchange(rules_, std::move(rules));
}

const std::string& Recorder::device(std::uint32_t number) {
  static const std::string kNone;
  if (number == 0) return kNone;
  if (const auto found = devices_.find(number); found != devices_.end()) return found->second;
  if (devices_.size() >= kMostDevices) devices_.clear();
  return devices_.emplace(number, device_name_(number)).first->second;
}

void Recorder::note_sequence(const Record& record) {
  if (!record.sequence) return;
  const auto [place, is_first] = expected_.try_emplace(record.group, *record.sequence);
  // Behind 2^32 it begins anew. What seems to be far back is a group that was bound anew.
  constexpr std::uint32_t kFar = 1u << 31;
  if (const std::uint32_t missing = *record.sequence - place->second; missing < kFar) lost_ += missing;
  place->second = *record.sequence + 1;
}

const Entry* Recorder::take(std::span<const std::uint8_t> message, Time now) {
  if (!read_record(message, record_)) return nullptr;
  note_sequence(record_);
  if (!record_.packet) return nullptr;
  const auto prefix = ir::read_log_prefix(record_.prefix);
  if (!prefix) return nullptr;
  entry_.time = record_.time.value_or(now);
  entry_.action.assign(prefix->action);
  entry_.prefix.assign(prefix->text);
  entry_.in_device = device(record_.in_device);
  entry_.out_device = device(record_.out_device);
  entry_.source_mac = record_.source_mac;
  entry_.destination_mac = record_.destination_mac;
  entry_.packet = *record_.packet;
  entry_.mark = record_.mark;
  entry_.user = record_.user;
  const RuleName* rule = rules_ ? rules_->find(prefix->identity) : nullptr;
  if (rule == nullptr && rules_before_) rule = rules_before_->find(prefix->identity);
  if (rule != nullptr) {
    entry_.rule = *rule;
  } else {
    entry_.rule.identity.assign(prefix->identity);
    entry_.rule.label.clear();
    entry_.rule.place.clear();
  }
  namer_->name(entry_.packet, entry_.in_device, entry_.out_device, entry_.names);
  return &entry_;
}

}  // namespace vuurmuur::log
