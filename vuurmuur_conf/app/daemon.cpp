// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/daemon.h"

#include "app/answer.h"

namespace vuurmuur::app {
namespace {

using ipc::Json;
using namespace answer;

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

std::string text_in(const Json& json, const char* key) { return json.is_object() ? text(json, key) : ""; }

bool is_error(const ipc::Reply& reply, std::string_view name) {
  return reply.error == "org.vuurmuur.Manager." + std::string(name);
}

std::string message_of(const ipc::Reply& reply) {
  if (const std::string message = text_in(reply.parameters, "message"); !message.empty()) return message;
  if (const std::string lockout = text_in(reply.parameters, "lockout"); !lockout.empty()) return lockout;
  const std::string parameter = text_in(reply.parameters, "parameter");
  return parameter.empty() ? reply.error : reply.error + ": " + parameter;
}

Applied applied_from(const Json& json) {
  Applied applied{.generation = whole(json, "generation"),
                  .directory = text(json, "directory"),
                  .backend = text(json, "backend"),
                  .rules = whole(json, "rules"),
                  .goes_back_to = maybe(json, "goes_back_to"),
                  .replaced = maybe(json, "replaced"),
                  .warnings = texts(json, "warnings"),
                  .text = text(json, "text"),
                  .lockout = text(json, "lockout"),
                  .lockout_unknown = text(json, "lockout_unknown"),
                  .connections = {}};
  if (const Json* seen = part(json, "connections"))
    applied.connections = LiveConnections{.is_enforced = flag(*seen, "enforced"),
                                          .kept = whole(*seen, "kept"),
                                          .ended = whole(*seen, "ended"),
                                          .changed = whole(*seen, "changed"),
                                          .undecided = whole(*seen, "undecided"),
                                          .failed = whole(*seen, "failed")};
  return applied;
}

std::vector<Difference> differences_from(const Json& json) {
  std::vector<Difference> differences;
  for (const Json& entry : list(json, "differences")) {
    if (!entry.is_object()) continue;
    Difference& difference =
        differences.emplace_back(Difference{.path = text(entry, "path"), .kind = text(entry, "kind"), .hunks = {}});
    const auto number = [](const Json& of, const char* key) { return static_cast<std::size_t>(whole(of, key)); };
    for (const Json& hunk : list(entry, "hunks")) {
      if (!hunk.is_object()) continue;
      difference.hunks.push_back({.before_line = number(hunk, "before_line"),
                                  .before_count = number(hunk, "before_count"),
                                  .after_line = number(hunk, "after_line"),
                                  .after_count = number(hunk, "after_count"),
                                  .lines = texts(hunk, "lines")});
    }
  }
  return differences;
}

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

std::vector<QueueLine> queues_from(const Json& json) {
  std::vector<QueueLine> queues;
  for (const Json& each : list(json, "queues")) {
    QueueLine queue{.first = whole(each, "first"),
                    .last = whole(each, "last"),
                    .state = text(each, "state"),
                    .passes = flag(each, "bypass")};
    for (const Json& rule : list(each, "rules")) queue.rules.push_back(text(rule, "rule"));
    if (const auto port_id = maybe(each, "port_id"))
      queue.consumer = {.port_id = *port_id,
                        .waiting = whole(each, "waiting"),
                        .packets = whole(each, "packets"),
                        .dropped = whole(each, "dropped"),
                        .user_dropped = whole(each, "user_dropped")};
    queues.push_back(std::move(queue));
  }
  return queues;
}

std::vector<TimedBlock> blocks_from(const Json& json) {
  std::vector<TimedBlock> blocks;
  for (const Json& block : list(json, "blocked"))
    if (block.is_object())
      blocks.push_back({.address = text(block, "address"), .seconds_left = maybe(block, "seconds_left")});
  return blocks;
}

std::string why_refused(const ipc::Reply& reply) {
  std::string message = text(reply.parameters, "message");
  return message.empty() ? reply.error : message;
}

}  // namespace vuurmuur::app
