// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <fmt/format.h>

#include <cstdio>

namespace vuurmuur::demo {
namespace {

using reference::Memory;
using reference::Verdict;

constexpr const char* kRow = "{:<22} {:<22} {:<11} {:<5} {:<33} {:<51} {}\n";

/// "pc.local.lan" as "pc (lan)".
std::string short_name(const std::string& host) {
  const std::size_t dot = host.find('.');
  if (dot == std::string::npos) return host == "website" ? "website (inet)" : "firewall " + host.substr(host.find('@'));
  return host.substr(0, dot) + " (" + host.substr(host.rfind('.') + 1) + ")";
}

std::string queue_words(const model::QueueRange& range) {
  return range.first == range.last ? fmt::format("queue {}", range.first)
                                   : fmt::format("queue {}..{}", range.first, range.last);
}

std::string translations(const reference::Answer& expected) {
  std::string text;
  if (expected.destination) text += " to " + expected.destination->address.to_string();
  if (expected.source) text += " as " + expected.source->to_string();
  return text;
}

std::string expected_words(const reference::Answer& expected) {
  switch (expected.verdict) {
    case Verdict::Accept:
      return (expected.memory.kind == Memory::Kind::Logged ? fmt::format("accept, copy to {}", expected.memory.number)
                                                           : "accept") +
             translations(expected);
    case Verdict::Queue: return queue_words(expected.queue) + translations(expected);
    case Verdict::Reject: return "reject";
    case Verdict::Drop: return "drop";
  }
  return {};
}

std::string seen_words(const Result& seen) {
  std::string text = seen.kind == Result::Kind::Answered   ? "answered"
                     : seen.kind == Result::Kind::Rejected ? "refused"
                                                           : "silence";
  if (seen.kind == Result::Kind::Answered && seen.client_seen) text += " as " + seen.client_seen->to_string();
  for (const auto& [queue, packets] : seen.queued_out) {
    const auto back = seen.queued_back.find(queue);
    text +=
        fmt::format(", queue {}: {} out, {} back", queue, packets, back == seen.queued_back.end() ? 0 : back->second);
  }
  if (seen.copied != 0) text += fmt::format(", {} copies", seen.copied);
  return text;
}

bool is_only_queue(const std::map<std::uint16_t, unsigned>& packets, const model::QueueRange& range) {
  return packets.size() == 1 && packets.begin()->first >= range.first && packets.begin()->first <= range.last;
}

}  // namespace

bool agrees(const Trial& trial, const reference::Answer& expected, const Result& seen, const Network& network) {
  if (expected.verdict == Verdict::Drop) return seen.kind == Result::Kind::Silent;
  if (expected.verdict == Verdict::Reject) return seen.kind == Result::Kind::Rejected;
  if (seen.kind != Result::Kind::Answered) return false;
  if (expected.verdict == Verdict::Queue) {
    // All packets, both directions, in one queue.
    if (!is_only_queue(seen.queued_out, expected.queue) || !is_only_queue(seen.queued_back, expected.queue))
      return false;
    if (seen.queued_out.begin()->first != seen.queued_back.begin()->first) return false;
  } else if (!seen.queued_out.empty() || !seen.queued_back.empty()) {
    return false;
  }
  if ((expected.memory.kind == Memory::Kind::Logged) != (seen.copied != 0)) return false;
  if (!seen.client_seen) return trial.protocol == net::Protocol::Icmp;
  const net::Address client = expected.source.value_or(network.address(trial.from, trial.family));
  const net::Address server =
      expected.destination ? expected.destination->address : network.address(trial.to, trial.family);
  return seen.client_seen == client && seen.server_seen == server;
}

void Table::heading() const {
  fmt::print(kRow, "FROM", "TO", "SERVICE", "IP", "EXPECTED (reading the policy)", "SEEN (real traffic)", "");
}

void Table::row(const Trial& trial, const reference::Answer& expected, const Result& seen, bool right) const {
  const char* colour = !colours_ ? "" : right ? "\033[32m" : "\033[1;31m";
  fmt::print(kRow, short_name(trial.from), short_name(trial.to), trial.service,
             trial.family == net::Family::Ipv4 ? "v4" : "v6", expected_words(expected), seen_words(seen),
             fmt::format("{}{}{}", colour, right ? "ok" : "WRONG (" + expected.why + ")", colours_ ? "\033[0m" : ""));
  std::fflush(stdout);
}

}  // namespace vuurmuur::demo
