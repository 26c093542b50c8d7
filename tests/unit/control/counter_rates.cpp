// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/counter_rates.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

constexpr const char *kWeb = "rule 1: accept http from world.inet to web.dmz",
                     *kSsh = "rule 2: drop ssh from any to firewall(any)",
                     *kOut = "rule 3: accept any from firewall to inet", *kInvalid = "protection: invalid packets";

CounterReading reading(std::int64_t seconds, std::vector<apply::RuleCounters> rules,
                       std::vector<DeviceCounters> devices = {}) {
  return {.time = 1000 + seconds,
          .nanoseconds = seconds * 1'000'000'000,
          .rules = std::move(rules),
          .devices = std::move(devices)};
}

}  // namespace

TEST_CASE("devices are read from proc, the loopback device is none") {
  const auto devices = devices_from_proc(
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
      "compressed\n"
      "    lo: 9853      88    0    0    0     0          0         0     9853      88    0    0    0     0       0    "
      "  0\n"
      "  eth0:1000 10 1 2 3 4 5 6 2000 20 1 2 3 4 5 6\n"
      "eth0:1: 7 1 0 0 0 0 0 0 8 2 0 0 0 0 0 0\n"
      "half: 1 2 3\n");
  CHECK(devices == std::vector<DeviceCounters>{
                       {.name = "eth0", .received = {10, 1000}, .sent = {20, 2000}},
                       {.name = "eth0:1", .received = {1, 7}, .sent = {2, 8}},
                   });
}

TEST_CASE("rates are what was counted between two readings, the fastest first") {
  const auto before = reading(0,
                              {{.origin = kWeb, .ipv4 = {10, 600}, .ipv6 = {}},
                               {.origin = kSsh, .ipv4 = {5, 300}, .ipv6 = {}},
                               {.origin = kInvalid, .ipv4 = {9, 900}, .ipv6 = {}}},
                              {{.name = "eth0", .received = {100, 1000}, .sent = {0, 0}}});
  const auto now = reading(4,
                           {{.origin = kWeb, .ipv4 = {12, 720}, .ipv6 = {2, 160}},
                            {.origin = kSsh, .ipv4 = {25, 1500}, .ipv6 = {}},
                            {.origin = kOut, .ipv4 = {70, 7000}, .ipv6 = {}},
                            {.origin = kInvalid, .ipv4 = {2, 200}, .ipv6 = {}}},
                           {{.name = "eth0", .received = {140, 5000}, .sent = {8, 800}},
                            {.name = "ppp0", .received = {4, 4}, .sent = {4, 4}}});
  const CounterSample sample = sample_of(&before, now);
  CHECK(sample.time == 1004);
  CHECK(sample.seconds == 4);
  REQUIRE(sample.rules.size() == 4);
  CHECK(sample.rules[0] == RuleRate{kSsh, {{25, 1500}, 5, 300}});
  CHECK(sample.rules[1] == RuleRate{kWeb, {{14, 880}, 1, 70}});
  // It began anew: what it has is what came since.
  CHECK(sample.rules[2] == RuleRate{kInvalid, {{2, 200}, 0.5, 50}});
  // It was not there before: what it has may be of any time.
  CHECK(sample.rules[3] == RuleRate{kOut, {{70, 7000}, 0, 0}});
  CHECK(sample.interfaces[0] == TwoWayRate{"eth0", {{140, 5000}, 10, 1000}, {{8, 800}, 2, 200}});
  CHECK(sample.interfaces[1] == TwoWayRate{"ppp0", {{4, 4}, 0, 0}, {{4, 4}, 0, 0}});
}

TEST_CASE("a zone has what rules take that name it or what is in it, on either side") {
  const auto before = reading(0, {{.origin = kWeb, .ipv4 = {}, .ipv6 = {}},
                                  {.origin = kSsh, .ipv4 = {}, .ipv6 = {}},
                                  {.origin = kOut, .ipv4 = {}, .ipv6 = {}}});
  const auto now = reading(1, {{.origin = kWeb, .ipv4 = {1, 10}, .ipv6 = {}},
                               {.origin = kSsh, .ipv4 = {2, 20}, .ipv6 = {}},
                               {.origin = kOut, .ipv4 = {4, 40}, .ipv6 = {}},
                               {.origin = kInvalid, .ipv4 = {8, 80}, .ipv6 = {}}});
  const Rate none{}, one{{1, 10}, 1, 10}, two{{2, 20}, 2, 20}, four{{4, 40}, 4, 40};
  CHECK(sample_of(&before, now).zones ==
        std::vector<TwoWayRate>{{"firewall", four, two}, {"inet", one, four}, {"any", two, none}, {"dmz", none, one}});
}

TEST_CASE("the first sample has no rates, and samples come back as they were told") {
  const auto first = sample_of(nullptr, reading(7, {{.origin = kWeb, .ipv4 = {3, 30}, .ipv6 = {}}},
                                                {{.name = "eth0", .received = {1, 2}, .sent = {3, 4}}}));
  CHECK(first.seconds == 0);
  CHECK(first.rules[0].rate == Rate{{3, 30}, 0, 0});
  CHECK(sample_from(json_of(first)) == first);
  CHECK(json_of(first).at("zones")[0].at("zone") == "dmz");
  CHECK(json_of(first).at("interfaces")[0].at("out").at("bytes") == 4);
  CHECK_FALSE(sample_from(nlohmann::ordered_json::parse("{\"time\":1}")));
}

TEST_CASE("of very many rules a sample has the fastest") {
  std::vector<apply::RuleCounters> rules(kMostSampledRules + 5);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i].origin = "rule " + std::to_string(i) + ": accept any from a to b";
    rules[i].ipv4.packets = i;
  }
  const auto sample = sample_of(nullptr, reading(0, rules));
  CHECK(sample.rules.size() == kMostSampledRules);
  CHECK(sample.rules.front().rule == rules.back().origin);
  // Zones have them all.
  CHECK(sample.zones.front().in.total.packets == rules.size() * (rules.size() - 1) / 2);
}
