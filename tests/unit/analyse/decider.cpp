// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/decider.h"

#include <random>

#include "analyse/box_index.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::analyse;

namespace {

model::Rule rule(model::Action action) {
  model::Rule made;
  made.action = action;
  return made;
}

/// A rule from anywhere to this machine, for one port of TCP.
sema::Rule resolved(const model::Rule& source, std::uint16_t port) {
  sema::Rule made;
  made.source = &source;
  made.to.kind = sema::End::Kind::FirewallAny;
  made.port_sets = {{.protocol = net::Protocol::Tcp, .destination = {port, port}, .source = {0, 65535}}};
  return made;
}

Point to_port(std::uint64_t port) {
  Point point{};
  point[static_cast<std::size_t>(Field::Protocol)].low = 6;
  point[static_cast<std::size_t>(Field::DestinationPort)].low = port;
  return point;
}

}  // namespace

TEST_CASE("the first box that holds a point is what looking at all says") {
  std::mt19937 random(5);
  std::vector<RankBox> boxes;
  for (int i = 0; i < 2000; ++i) {
    RankBox box{};
    for (std::size_t f = 0; f < kFields; ++f) {
      box.first[f] = static_cast<std::uint32_t>(f < 4 ? random() % 12 : 0);
      box.last[f] = box.first[f] + static_cast<std::uint32_t>(f < 4 ? random() % 5 : 0);
    }
    boxes.push_back(box);
  }
  const BoxIndex index(boxes);
  for (int i = 0; i < 2000; ++i) {
    RankPoint point{};
    for (std::size_t f = 0; f < 4; ++f) point[f] = static_cast<std::uint32_t>(random() % 16);
    const auto first = std::ranges::find_if(boxes, [&](const RankBox& box) { return contains(box, point); });
    CHECK(index.first(point) ==
          (first == boxes.end() ? BoxIndex::kNone : static_cast<std::uint32_t>(first - boxes.begin())));
  }
}

TEST_CASE("the first rule that takes a packet for sure decides, and those that may let it go on are told") {
  const model::Rule accept = rule(model::Action::Accept), drop = rule(model::Action::Drop),
                    log = rule(model::Action::Log);
  model::Rule limited = accept;
  limited.options.limit = model::RateLimit{.count = 3};
  const model::Settings settings;
  sema::Policy policy{.settings = &settings};
  policy.rules = {resolved(log, 80), resolved(limited, 80), resolved(drop, 22), resolved(drop, 80),
                  resolved(accept, 80)};
  for (const net::Family family : net::kFamilies) {
    const Decider decider(policy, family);
    CHECK(decider.decide(to_port(80)) == 3);
    CHECK(decider.passed(to_port(80)) == std::vector<std::size_t>{0, 1});
    CHECK(decider.passed(to_port(80), 1) == std::vector<std::size_t>{0});
    CHECK(decider.decide(to_port(22)) == 2);
    CHECK(decider.passed(to_port(22)).empty());
    CHECK(decider.decide(to_port(23)) == std::nullopt);
  }
}
