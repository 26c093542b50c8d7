// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of many addresses that change by one.
#include <fmt/format.h>

#include "campaign.h"
#include "policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

/// More than any number of addresses from which on a list becomes a set.
constexpr unsigned kMembers = 40;

/// A group and a blocklist whose last member is another one each time.
Files policy_with(unsigned turn) {
  Files over;
  std::string group = "MEMBER=\"c0\"\nMEMBER=\"c1\"\nMEMBER=\"c2\"\nMEMBER=\"c3\"\n";
  for (unsigned i = 0; i < 4; ++i)
    over[fmt::format("zones/lan/networks/local/hosts/c{}.host", i)] =
        fmt::format("IPADDRESS=\"10.1.0.{}\"\nIPV6ADDRESS=\"fd00:1::{}\"\n", 10 + i, 10 + i);
  for (unsigned i = 0; i < kMembers; ++i) group += fmt::format("MEMBER=\"h{}\"\n", i);
  group += fmt::format("MEMBER=\"h{}\"\n", kMembers + turn);
  over["zones/lan/networks/local/groups/crowd.group"] = group;

  std::string blocklist = "RULE=\"block 198.51.100.66\"\nRULE=\"block 2001:db8:77::66\"\n";
  const auto block = [&](unsigned i) {
    blocklist += fmt::format("RULE=\"block 192.0.2.{}\"\nRULE=\"block 2001:db8:78::{:x}\"\n", i, i);
  };
  for (unsigned i = 1; i <= kMembers; ++i) block(i);
  block(kMembers + 1 + turn);
  over["rules/blocklist.conf"] = blocklist;
  return files_of(
      {.rules = extent().rules, .before = {"accept service grouped from crowd.local.lan to inet"}, .over = over});
}

TrafficPlan listed_traffic() {
  TrafficPlan plan = usual_traffic();
  constexpr auto kNever = Stream::Fate::Never;
  plan.streams.push_back(
      {.name = "in the group IPv4", .first = udp("10.1.0.10", "198.51.100.7", 0, ports::kGrouped), .weight = 2});
  plan.streams.push_back(
      {.name = "in the group IPv6", .first = udp("fd00:1::10", "2001:db8:77::7", 0, ports::kGrouped), .weight = 2});
  plan.streams.push_back({.name = "not in the group IPv4",
                          .first = udp("10.1.0.14", "198.51.100.7", 0, ports::kGrouped),
                          .fate = kNever,
                          .sources = 1});
  plan.streams.push_back({.name = "not in the group IPv6",
                          .first = udp("fd00:1::14", "2001:db8:77::7", 0, ports::kGrouped),
                          .fate = kNever,
                          .sources = 1});
  plan.streams.push_back(
      {.name = "blocked IPv4", .first = udp("10.1.0.10", "198.51.100.66", 0, ports::kFirst), .fate = kNever});
  plan.streams.push_back(
      {.name = "blocked IPv6", .first = udp("fd00:1::10", "2001:db8:77::66", 0, ports::kFirst), .fate = kNever});
  return plan;
}

}  // namespace

TEST_CASE("lists change by one member: the others are in them all the time") {
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    clear(bench);
    const Policy one(policy_with(0)), two(policy_with(1)), three(policy_with(2));
    const Policy* const turns[] = {&two, &three, &one};
    const std::size_t rules = load(bench, one, backend).rules;
    const TrafficPlan plan = listed_traffic();
    Traffic traffic(bench, plan);
    run({"lists change by one member", backend, rules, extent().reloads}, traffic, plan,
        [&](unsigned number) { load(bench, *turns[number % std::size(turns)], backend); });
  }
}
