// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/written_verdict.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vuurmuur::prove {

const saved::Option* target_option(const saved::Rule& rule, std::string_view name) {
  const auto found = std::ranges::find(rule.target_options, name, &saved::Option::name);
  return found == rule.target_options.end() ? nullptr : &*found;
}

std::string target_value(const saved::Rule& rule, std::string_view name) {
  const saved::Option* const found = target_option(rule, name);
  return found == nullptr || found->values.empty() ? std::string() : found->values.front();
}

Verdict rejected_by(const saved::Rule& rule) {
  std::string type = target_value(rule, "--reject-with");
  if (type.empty()) type = "icmp-port-unreachable";
  return {.kind = Verdict::Kind::Reject, .reject_type = std::move(type)};
}

Verdict queued_by(const saved::Rule& rule, const saved::QueueTarget& queue) {
  return {.kind = Verdict::Kind::Queue,
          .reject_type = {},
          .first_queue = queue.first,
          .last_queue = queue.last,
          .bypass = target_option(rule, "--queue-bypass") != nullptr,
          .fanout = target_option(rule, "--queue-cpu-fanout") != nullptr};
}

Translation translation_by(const saved::Rule& rule, const saved::NatTarget& nat) {
  return {.is_destination = nat.is_destination,
          .first = nat.first,
          .last = nat.last,
          .ports = nat.ports,
          .is_random = target_option(rule, "--random") != nullptr};
}

bool says_more(const saved::Option& option) {
  constexpr std::array<std::string_view, 4> kHeld{"--to-destination", "--to-source", "--to-ports", "--random"};
  const bool is_shifted = !option.values.empty() && option.values.front().contains('/');
  return is_shifted || std::ranges::find(kHeld, option.name) == kHeld.end();
}

}  // namespace vuurmuur::prove
