// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/volume_readings.h"

#include <fmt/format.h>

#include "control/queue_report.h"
#include "control/rule_label.h"

namespace vuurmuur::control {
namespace {

volumes::Counts counts_of(const apply::Counters& counters) {
  return {.packets = counters.packets, .bytes = counters.bytes};
}

}  // namespace

RuleQueues rule_queues(const sema::Policy& policy) {
  RuleQueues queues;
  for (const QueueRule& rule : queue_rules(policy))
    queues.emplace(rule.rule, queue_numbers(rule.range.first, rule.range.last));
  return queues;
}

std::string RuleNames::name_of(const std::string& origin) {
  const auto label = read_rule_label(origin);
  if (!label) return origin;
  const unsigned before = seen_[std::string(label->text)]++;
  return before == 0 ? std::string(label->text) : fmt::format("{} #{}", label->text, before + 1);
}

std::vector<volumes::Reading> readings_of(const std::vector<apply::RuleCounters>& rules, const RuleQueues& queues) {
  std::vector<volumes::Reading> readings;
  readings.reserve(rules.size());
  RuleNames names;
  for (const apply::RuleCounters& rule : rules) {
    volumes::Reading& reading = readings.emplace_back();
    reading.subject = {.kind = volumes::Kind::Rule, .name = names.name_of(rule.origin)};
    reading.counts = {.first = counts_of(rule.ipv4), .second = counts_of(rule.ipv6)};
    const auto label = read_rule_label(rule.origin);
    if (!label) continue;
    reading.number = label->number;
    reading.also.push_back({volumes::Kind::Zone, fmt::format("{} to {}", label->from, label->to)});
    if (const auto queue = queues.find(rule.origin); queue != queues.end())
      reading.also.push_back({volumes::Kind::Queue, queue->second});
  }
  return readings;
}

std::vector<volumes::Reading> readings_of(const std::vector<DeviceCounters>& devices) {
  std::vector<volumes::Reading> readings;
  for (const DeviceCounters& device : devices)
    readings.push_back({.subject = {.kind = volumes::Kind::Interface, .name = device.name},
                        .counts = {.first = counts_of(device.received), .second = counts_of(device.sent)},
                        .also = {}});
  return readings;
}

std::vector<volumes::Reading> readings_of(const CounterReading& reading, const RuleQueues& queues) {
  auto readings = readings_of(reading.rules, queues);
  for (volumes::Reading& device : readings_of(reading.devices)) readings.push_back(std::move(device));
  return readings;
}

}  // namespace vuurmuur::control
