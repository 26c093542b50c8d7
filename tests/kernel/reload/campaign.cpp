// SPDX-License-Identifier: GPL-2.0-or-later
#include "campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "apply/rule_counters.h"
#include "apply/rule_engine.h"
#include "lab/conntrack.h"
#include "lab/error.h"
#include "policies.h"
#include "support/catch.h"
#include "support/number_from.h"

namespace vuurmuur::kernel_test {

Extent extent() {
  Extent extent{.reloads = test::number_from("VUURMUUR_RELOADS", 20),
                .rules = test::number_from("VUURMUUR_RELOAD_RULES", 1000)};
  if (extent.reloads == 0 || extent.rules < 10)
    throw lab::LabError("VUURMUUR_RELOADS or VUURMUUR_RELOAD_RULES is wrong");
  return extent;
}

std::vector<apply::Backend> backends() {
  std::vector<apply::Backend> all{apply::Backend::Xtables, apply::Backend::Nft};
  const char* only = std::getenv("VUURMUUR_RELOAD_BACKEND");
  if (only != nullptr) std::erase_if(all, [&](apply::Backend backend) { return to_string(backend) != only; });
  if (all.empty()) throw lab::LabError("VUURMUUR_RELOAD_BACKEND is wrong");
  return all;
}

apply::Report load(Road& road, const Policy& policy, apply::Backend backend) {
  const lab::Inside there(road.firewall());
  const auto kernel = apply::make_kernel();
  auto report = apply::apply(*kernel, policy.ruleset, {.backend = backend});
  if (!report) throw lab::LabError("apply: " + report.error().message);
  return std::move(*report);
}

std::string load_refused(Road& road, const ir::Ruleset& ruleset, apply::Backend backend) {
  const lab::Inside there(road.firewall());
  const auto kernel = apply::make_kernel();
  auto report = apply::apply(*kernel, ruleset, {.backend = backend});
  if (report) throw lab::LabError("what the kernel cannot load was loaded");
  return report.error().message;
}

void clear(Road& road) {
  {
    const lab::Inside there(road.firewall());
    const auto kernel = apply::make_kernel();
    auto report = apply::clear(*kernel);
    if (!report) throw lab::LabError("clear: " + report.error().message);
    // A packet of a fresh stream is alone: its connection makes room soon.
    lab::write_setting("net/netfilter/nf_conntrack_udp_timeout", "1");
  }
  lab::Conntrack(road.firewall()).flush();
}

std::uint64_t packets_of_rule(Road& road, const std::string& rule, apply::Backend backend) {
  const lab::Inside there(road.firewall());
  const auto kernel = apply::make_kernel();
  if (backend == apply::Backend::Nft) {
    std::uint64_t counted = 0;
    const auto counters = apply::read_counters(*kernel, apply::Options().state_directory);
    if (!counters) throw lab::LabError("counters: " + counters.error().message);
    for (const apply::RuleCounters& counter : *counters)
      if (counter.origin.starts_with(rule)) counted += counter.both().packets;
    return counted;
  }
  const auto tables = apply::list(*kernel, apply::Options().state_directory);
  if (!tables) throw lab::LabError("list: " + tables.error().message);
  std::uint64_t packets = 0;
  for (const apply::ListedTable& table : *tables)
    for (const apply::ListedChain& chain : table.chains)
      for (const apply::ListedRule& listed : chain.rules)
        if (listed.origin.starts_with(rule)) packets += listed.packets;
  return packets;
}

lab::Packet udp(const char* from, const char* to, std::uint16_t from_port, std::uint16_t to_port) {
  lab::Packet packet;
  packet.source = *net::Address::parse(from);
  packet.destination = *net::Address::parse(to);
  packet.source_port = from_port;
  packet.destination_port = to_port;
  return packet;
}

std::vector<Stream> common_streams() {
  constexpr auto kNever = Stream::Fate::Never;
  const char* const near4 = "10.1.0.10";
  const char* const near6 = "fd00:1::10";
  const char* const far4 = "198.51.100.7";
  const char* const far6 = "2001:db8:77::7";
  std::vector<Stream> streams;
  for (const bool v4 : {true, false}) {
    const std::string family = v4 ? " IPv4" : " IPv6";
    const char* from = v4 ? near4 : near6;
    const char* to = v4 ? far4 : far6;
    for (const std::uint16_t port : {ports::kFirst, ports::kMiddle, ports::kLast})
      streams.push_back({.name = "allowed " + std::to_string(port) + family, .first = udp(from, to, 0, port)});
    streams.push_back(
        {.name = "no rule" + family, .first = udp(from, to, 0, ports::kForbidden), .fate = kNever, .weight = 3});
    streams.push_back({.name = "bad host" + family,
                       .first = udp(v4 ? "10.1.0.15" : "fd00:1::15", to, 0, ports::kFirst),
                       .fate = kNever,
                       .sources = 1});
  }
  return streams;
}

std::vector<Stream> long_flows() {
  constexpr auto kFlow = Stream::Kind::Flow;
  return {{.name = "flow IPv4", .first = udp("10.1.0.14", "198.51.100.7", 5000, ports::kFlow), .kind = kFlow},
          {.name = "flow IPv6", .first = udp("fd00:1::14", "2001:db8:77::7", 5000, ports::kFlow), .kind = kFlow}};
}

std::vector<TalkPlan> talks() { return {{net::Family::Ipv4, ports::kTalk}, {net::Family::Ipv6, ports::kTalk}}; }

TrafficPlan usual_traffic() {
  TrafficPlan plan{.streams = common_streams(), .talks = talks()};
  for (Stream& flow : long_flows()) plan.streams.push_back(std::move(flow));
  return plan;
}

Sums sum_up(const TrafficPlan& plan, const TrafficCount& count) {
  Sums sums;
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    const StreamCount& stream = count.streams[i];
    if (plan.streams[i].fate == Stream::Fate::Never) {
      sums.forbidden += stream.sent;
      sums.leaked += stream.arrived;
      continue;
    }
    sums.allowed += stream.sent;
    sums.lost += stream.sent - stream.arrived + (stream.answers_sent - stream.answers_arrived);
    sums.doubled += stream.doubled;
    sums.changed += stream.translations_changed;
    sums.slowest_us = std::max(sums.slowest_us, stream.slowest_us);
  }
  for (const TalkCount& talk : count.talks) {
    sums.broken += talk.is_broken || talk.bytes_back != talk.bytes_sent ? 1 : 0;
    sums.resent += talk.resent;
    sums.slowest_us = std::max(sums.slowest_us, talk.longest_gap_us);
  }
  return sums;
}

void write_log_line(const Campaign& campaign, const TrafficPlan& plan, const TrafficCount& count, double seconds) {
  const Sums sums = sum_up(plan, count);
  const std::string line = fmt::format(
      "{}: backend {}, {} reloads in {:.1f} s, {} kernel rules, sent {} allowed and {} forbidden, lost {} (laboratory: "
      "{}), leaked {}, doubled {}, translated anew {}, broken {}, TCP segments resent {}, slowest answer {:.1f} ms\n",
      campaign.scenario, to_string(campaign.backend), campaign.reloads, seconds, campaign.kernel_rules, sums.allowed,
      sums.forbidden, sums.lost, count.lost_by_laboratory, sums.leaked, sums.doubled, sums.changed, sums.broken,
      sums.resent, static_cast<double>(sums.slowest_us) / 1000);
  std::cout << line << std::flush;
  if (const char* path = std::getenv("VUURMUUR_RELOAD_LOG")) std::ofstream(path, std::ios::app) << line;
}

TrafficCount run(const Campaign& campaign, Traffic& traffic, const TrafficPlan& plan,
                 const std::function<void(unsigned)>& reload) {
  const auto began = std::chrono::steady_clock::now();
  for (unsigned number = 0; number < campaign.reloads; ++number) {
    reload(number);
    REQUIRE(traffic.wait_until_sent(traffic.sent() + campaign.packets_between));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  TrafficCount count = traffic.stop();
  write_log_line(campaign, plan, count, took.count());
  check(campaign, plan, count);
  return count;
}

void check(const Campaign& campaign, const TrafficPlan& plan, const TrafficCount& count) {
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    const StreamCount& stream = count.streams[i];
    INFO(campaign.scenario << ", " << to_string(campaign.backend) << ": " << plan.streams[i].name << ", sent "
                           << stream.sent << ", the laboratory may have lost " << count.lost_by_laboratory);
    CHECK(stream.sent > 0);
    if (plan.streams[i].fate == Stream::Fate::Never) {
      CHECK(stream.arrived == 0);
      continue;
    }
    CHECK(stream.arrived + count.lost_by_laboratory >= stream.sent);
    CHECK(stream.answers_arrived + count.lost_by_laboratory >= stream.answers_sent);
    CHECK(stream.doubled == 0);
    CHECK(stream.translations_changed == 0);
  }
  for (const TalkCount& talk : count.talks) {
    INFO(campaign.scenario << ", " << to_string(campaign.backend) << ": TCP");
    CHECK_FALSE(talk.is_broken);
    CHECK(talk.bytes_sent > 0);
    CHECK(talk.bytes_back == talk.bytes_sent);
    CHECK(talk.resent <= count.lost_by_laboratory);
  }
}

}  // namespace vuurmuur::kernel_test
