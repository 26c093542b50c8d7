// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/counter_rates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/file_system.h"
#include "control/rule_label.h"

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

std::uint64_t grown(std::uint64_t before, std::uint64_t now) { return now >= before ? now - before : now; }

Rate rate_of(const apply::Counters* before, const apply::Counters& now, double seconds) {
  Rate rate{.total = now};
  if (before == nullptr || seconds <= 0) return rate;
  rate.packets_per_second = static_cast<double>(grown(before->packets, now.packets)) / seconds;
  rate.bytes_per_second = static_cast<double>(grown(before->bytes, now.bytes)) / seconds;
  return rate;
}

Rate& operator+=(Rate& sum, const Rate& other) {
  sum.total += other.total;
  sum.packets_per_second += other.packets_per_second;
  sum.bytes_per_second += other.bytes_per_second;
  return sum;
}

/// The faster one first; of those that stand still, the one that took more.
bool is_faster(const Rate& one, const Rate& other) {
  if (one.packets_per_second != other.packets_per_second) return one.packets_per_second > other.packets_per_second;
  if (one.bytes_per_second != other.bytes_per_second) return one.bytes_per_second > other.bytes_per_second;
  return one.total.packets > other.total.packets;
}

Rate both(const TwoWayRate& rate) {
  Rate sum = rate.in;
  return sum += rate.out;
}

std::vector<RuleRate> rules_of(const CounterReading* before, const CounterReading& now, double seconds) {
  std::unordered_map<std::string_view, apply::Counters> known;
  if (before != nullptr)
    for (const apply::RuleCounters& rule : before->rules) known.emplace(rule.origin, rule.both());
  std::vector<RuleRate> rules;
  rules.reserve(now.rules.size());
  for (const apply::RuleCounters& rule : now.rules) {
    const auto found = known.find(rule.origin);
    rules.push_back(
        {.rule = rule.origin, .rate = rate_of(found == known.end() ? nullptr : &found->second, rule.both(), seconds)});
  }
  return rules;
}

std::vector<TwoWayRate> zones_of(const std::vector<RuleRate>& rules) {
  std::map<std::string, TwoWayRate> zones;
  for (const RuleRate& rule : rules) {
    const auto ends = read_rule_label(rule.rule);
    if (!ends) continue;
    zones[ends->from].in += rule.rate;
    zones[ends->to].out += rule.rate;
  }
  std::vector<TwoWayRate> list;
  for (auto& [name, rate] : zones) {
    list.push_back(std::move(rate));
    list.back().name = name;
  }
  return list;
}

std::vector<TwoWayRate> interfaces_of(const CounterReading* before, const CounterReading& now, double seconds) {
  std::vector<TwoWayRate> interfaces;
  for (const DeviceCounters& device : now.devices) {
    const DeviceCounters* known = nullptr;
    if (before != nullptr) {
      const auto found = std::ranges::find(before->devices, device.name, &DeviceCounters::name);
      if (found != before->devices.end()) known = &*found;
    }
    interfaces.push_back({.name = device.name,
                          .in = rate_of(known == nullptr ? nullptr : &known->received, device.received, seconds),
                          .out = rate_of(known == nullptr ? nullptr : &known->sent, device.sent, seconds)});
  }
  return interfaces;
}

void sort(std::vector<TwoWayRate>& rates) {
  std::ranges::stable_sort(
      rates, [](const TwoWayRate& one, const TwoWayRate& other) { return is_faster(both(one), both(other)); });
}

/// Thousandths are more than anybody reads.
double rounded(double value) { return std::round(value * 1000) / 1000; }

Json json_of(const Rate& rate) {
  return {{"packets", rate.total.packets},
          {"bytes", rate.total.bytes},
          {"packets_per_second", rounded(rate.packets_per_second)},
          {"bytes_per_second", rounded(rate.bytes_per_second)}};
}

/// Throws what nlohmann throws.
Rate rate_from(const Json& document) {
  return {.total = {.packets = document.at("packets").get<std::uint64_t>(),
                    .bytes = document.at("bytes").get<std::uint64_t>()},
          .packets_per_second = document.at("packets_per_second").get<double>(),
          .bytes_per_second = document.at("bytes_per_second").get<double>()};
}

/// What the two lists of two ways are called.
struct Names {
  const char *list, *name, *in, *out;
};
constexpr Names kZones{"zones", "zone", "from", "to"}, kInterfaces{"interfaces", "interface", "in", "out"};

Json json_of(const std::vector<TwoWayRate>& rates, const Names& names) {
  Json list = Json::array();
  for (const TwoWayRate& rate : rates)
    list.push_back({{names.name, rate.name}, {names.in, json_of(rate.in)}, {names.out, json_of(rate.out)}});
  return list;
}

std::vector<TwoWayRate> rates_from(const Json& document, const Names& names) {
  std::vector<TwoWayRate> rates;
  for (const Json& entry : document.at(names.list))
    rates.push_back({.name = entry.at(names.name).get<std::string>(),
                     .in = rate_from(entry.at(names.in)),
                     .out = rate_from(entry.at(names.out))});
  return rates;
}

}  // namespace

base::Result<CounterReading> read_all_counters(apply::Kernel& kernel, const std::string& state_directory,
                                               const Clock& clock) {
  CounterReading reading{
      .time = clock.wall_seconds(), .rules = VM_TRY(apply::read_counters(kernel, state_directory)), .devices = {}};
  reading.devices = devices_from_proc(VM_TRY(base::RealFileSystem().read_file("/proc/net/dev")));
  reading.nanoseconds = clock.now().nanoseconds;
  return reading;
}

CounterSample sample_of(const CounterReading* before, const CounterReading& now) {
  CounterSample sample{.time = now.time, .rules = {}, .zones = {}, .interfaces = {}};
  if (before != nullptr) sample.seconds = static_cast<double>(now.nanoseconds - before->nanoseconds) / 1e9;
  sample.rules = rules_of(before, now, sample.seconds);
  sample.zones = zones_of(sample.rules);
  sample.interfaces = interfaces_of(before, now, sample.seconds);
  std::ranges::stable_sort(sample.rules, is_faster, &RuleRate::rate);
  if (sample.rules.size() > kMostSampledRules) sample.rules.resize(kMostSampledRules);
  sort(sample.zones);
  sort(sample.interfaces);
  return sample;
}

Json json_of(const CounterSample& sample) {
  Json document{{"time", sample.time},
                {"seconds", rounded(sample.seconds)},
                {"interfaces", json_of(sample.interfaces, kInterfaces)},
                {"zones", json_of(sample.zones, kZones)}};
  Json& rules = document["rules"] = Json::array();
  for (const RuleRate& rule : sample.rules) {
    Json& entry = rules.emplace_back(Json{{"rule", rule.rule}});
    entry.update(json_of(rule.rate));
  }
  return document;
}

std::optional<CounterSample> sample_from(const Json& document) {
  try {
    CounterSample sample{.time = document.at("time").get<std::int64_t>(),
                         .seconds = document.at("seconds").get<double>(),
                         .rules = {},
                         .zones = rates_from(document, kZones),
                         .interfaces = rates_from(document, kInterfaces)};
    for (const Json& rule : document.at("rules"))
      sample.rules.push_back({.rule = rule.at("rule").get<std::string>(), .rate = rate_from(rule)});
    return sample;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
