// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/daemon.h"

namespace vuurmuur::app {
namespace {

using ipc::Json;

// An answer that is not what it should be says less, it breaks nothing.

std::string text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t whole(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

double real(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

const Json& list(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

const Json* part(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? &*found : nullptr;
}

std::optional<std::int64_t> maybe(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<std::int64_t>();
}

RuleRate rate_from(const Json& json) {
  return {.packets = whole(json, "packets"),
          .bytes = whole(json, "bytes"),
          .packets_per_second = real(json, "packets_per_second"),
          .bytes_per_second = real(json, "bytes_per_second")};
}

std::vector<TwoWayRate> two_ways(const Json& list, const char* name, const char* in, const char* out) {
  std::vector<TwoWayRate> rates;
  for (const Json& entry : list) {
    if (!entry.is_object()) continue;
    const Json* received = part(entry, in);
    const Json* sent = part(entry, out);
    rates.push_back({.name = text(entry, name),
                     .in = received ? rate_from(*received) : RuleRate{},
                     .out = sent ? rate_from(*sent) : RuleRate{}});
  }
  return rates;
}

/// "accept http from lan to inet" of "rule 3: accept http from lan to inet".
std::string without_number(const std::string& rule) {
  const std::size_t colon = rule.find(": ");
  return rule.starts_with("rule ") && colon != std::string::npos ? rule.substr(colon + 2) : rule;
}

}  // namespace

Generation generation_from(const Json& json) {
  Generation generation{.number = whole(json, "generation"),
                        .state = text(json, "state"),
                        .directory = text(json, "directory"),
                        .backend = text(json, "backend"),
                        .comment = text(json, "comment"),
                        .is_in_force = json.value("in_force", false)};
  for (const Json& event : list(json, "events")) {
    generation.events.push_back({.what = text(event, "what"),
                                 .user = text(event, "user"),
                                 .from = text(event, "from"),
                                 .detail = text(event, "detail"),
                                 .time = whole(event, "time")});
  }
  return generation;
}

Status status_from(const Json& json) {
  Status status{
      .state = text(json, "state"), .confirmed = maybe(json, "confirmed"), .seconds_left = maybe(json, "seconds_left")};
  if (const Json* generation = part(json, "generation")) status.generation = generation_from(*generation);
  if (const Json* newest = part(json, "newest")) status.newest = generation_from(*newest);
  if (const Json* drift = part(json, "drift")) status.drift = text(*drift, "program") + ": " + text(*drift, "detail");
  if (const Json* refused = part(json, "refused")) {
    status.refused = text(*refused, "message");
    status.refused_text = text(*refused, "text");
  }
  return status;
}

Counters counters_from(const Json& json) {
  Counters counters{.time = whole(json, "time"),
                    .seconds = real(json, "seconds"),
                    .zones = two_ways(list(json, "zones"), "zone", "from", "to"),
                    .interfaces = two_ways(list(json, "interfaces"), "interface", "in", "out")};
  for (const Json& rule : list(json, "rules")) {
    const RuleRate rate = rate_from(rule);
    RuleRate& sum = counters.rules[without_number(text(rule, "rule"))];
    sum.packets += rate.packets;
    sum.bytes += rate.bytes;
    sum.packets_per_second += rate.packets_per_second;
    sum.bytes_per_second += rate.bytes_per_second;
  }
  return counters;
}

}  // namespace vuurmuur::app
