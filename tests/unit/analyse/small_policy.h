// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <optional>

#include "analyse/policy_boxes.h"
#include "model/policy.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// A policy whose rules take what comes in for some ports of TCP.
class SmallPolicy {
 public:
  SmallPolicy() { policy.settings = &settings; }
  SmallPolicy(const SmallPolicy&) = delete;
  SmallPolicy& operator=(const SmallPolicy&) = delete;

  model::Rule& add(model::Action action, std::uint16_t first_port, std::uint16_t last_port,
                   std::uint16_t first_source = 0, std::uint16_t last_source = 65535) {
    model::Rule& source = sources_.emplace_back();
    source.action = action;
    source.number = static_cast<std::uint32_t>(sources_.size());
    sema::Rule rule;
    rule.source = &source;
    rule.to.kind = sema::End::Kind::FirewallAny;
    rule.port_sets = {{.protocol = net::Protocol::Tcp,
                       .destination = {first_port, last_port},
                       .source = {first_source, last_source}}};
    policy.rules.push_back(rule);
    return source;
  }

  model::Settings settings;
  sema::Policy policy;

 private:
  std::deque<model::Rule> sources_;
};

/// A packet of TCP that comes in.
[[nodiscard]] inline Point packet(std::uint64_t port, std::uint64_t source_port = 0) {
  Point point{};
  point[static_cast<std::size_t>(Field::Protocol)].low = 6;
  point[static_cast<std::size_t>(Field::DestinationPort)].low = port;
  point[static_cast<std::size_t>(Field::SourcePort)].low = source_port;
  return point;
}

/// The first rule that takes a packet whatever the moment is.
[[nodiscard]] inline std::optional<std::size_t> taker(const SmallPolicy& small, const Point& point) {
  const PolicyBoxes boxes_of(small.policy, net::Family::Ipv4);
  for (std::size_t i = 0; i < small.policy.rules.size(); ++i)
    if (takes_all(small.policy.rules[i]))
      for (const Box& box : boxes_of.of(small.policy.rules[i]).boxes)
        if (contains(box, point)) return i;
  return std::nullopt;
}

}  // namespace vuurmuur::analyse
