// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/demo_traffic.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace vuurmuur::client {
namespace {

struct Visitor {
  const char* address;
  const char* service;
  std::int64_t port;
};
constexpr std::array kVisitors{Visitor{"203.0.113.9", "ssh", 22}, Visitor{"203.0.113.77", "telnet", 23},
                               Visitor{"2001:db8:bad::7", "ssh", 22}, Visitor{"198.51.100.200", "smtp", 25},
                               Visitor{"203.0.113.140", "rdp", 3389}};

struct Talk {
  const char *from, *from_name, *to, *service;
  std::int64_t port, bytes;  ///< a step
};
constexpr std::array kTalks{Talk{"192.0.2.20", "anna.office.lan", "203.0.113.80", "https", 443, 90'000},
                            Talk{"192.0.2.21", "boris.office.lan", "203.0.113.25", "imaps", 993, 4'000},
                            Talk{"192.0.2.22", "printer.office.lan", "198.51.100.123", "ntp", 123, 76},
                            Talk{"2001:db8::20", "anna.office.lan", "2001:db8:80::1", "https", 443, 250'000}};

/// "rule N: …" of one of the rules.
std::string rule_of(std::size_t number, std::span<const std::string> rules) {
  if (rules.empty()) return "policy: no rule took the packet";
  const std::size_t at = number % rules.size();
  return fmt::format("rule {}: {}", at + 1, rules[at]);
}

}  // namespace

app::LogNews demo_log(std::int64_t step, std::span<const std::string> rules) {
  app::LogNews news;
  const auto count = static_cast<std::size_t>(step * 7 % 4);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t who = static_cast<std::size_t>(step) + i;
    const Visitor& visitor = kVisitors[who % kVisitors.size()];
    const bool is_ipv6 = std::string_view(visitor.address).find(':') != std::string_view::npos;
    news.entries.push_back({.time = fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::time(nullptr))),
                            .action = "DROP",
                            .service = visitor.service,
                            .from = visitor.address,
                            .to = "firewall",
                            .from_zone = "inet",
                            .to_zone = "firewall",
                            .in = "wan",
                            .source = visitor.address,
                            .destination = is_ipv6 ? "2001:db8:f::1" : "198.51.100.1",
                            .protocol = "TCP",
                            .source_port = 40000 + static_cast<std::int64_t>(who * 37 % 20000),
                            .destination_port = visitor.port,
                            .tcp_flags = "****S*",
                            .length = 40,
                            .ttl = 50 + static_cast<std::int64_t>(who % 8),
                            .rule = who % 3 == 0 ? "policy: no rule took the packet" : rule_of(who, rules)});
  }
  return news;
}

app::ConnectionSample demo_connections(std::int64_t step, std::span<const std::string> rules) {
  app::ConnectionSample sample;
  const std::int64_t now = std::time(nullptr);
  for (std::size_t i = 0; i < kTalks.size(); ++i) {
    const Talk& talk = kTalks[i];
    const auto id = static_cast<std::int64_t>(i) + 1;
    sample.connections.push_back(
        {.id = id,
         .protocol = talk.port == 123 ? 17 : 6,
         .source =
             {.address = talk.from, .name = talk.from_name, .network = "office.lan", .zone = "lan", .port = 50000 + id},
         .destination = {.address = talk.to, .zone = "inet", .port = talk.port},
         .service = talk.service,
         .state = talk.port == 123 ? "" : "established",
         .progress = "assured",
         .packets = step + 3,
         .bytes = talk.bytes * (step + 1) / 10,
         .packets_back = step + 4,
         .bytes_back = talk.bytes * (step + 1),
         .seconds_left = 300,
         .began = now - 2 * step - 60 * id,
         .kind = "plain",
         .rule = rule_of(i, rules)});
  }
  std::ranges::sort(sample.connections, std::greater(), &app::LiveConnection::bytes_back);
  sample.seen = sample.matched = static_cast<std::int64_t>(sample.connections.size());
  return sample;
}

ipc::Json demo_queues(std::int64_t step, std::span<const std::string> rules) {
  using ipc::Json;
  Json queues = Json::array();
  const auto add = [&](int first, int last, const char* state, std::size_t rule) {
    queues.push_back({{"first", first},
                      {"last", last},
                      {"state", state},
                      {"bypass", false},
                      {"rules", Json::array({{{"rule", rule_of(rule, rules)}, {"place", ""}}})}});
    return &queues.back();
  };
  const auto listen = [](Json& queue, int port_id, std::int64_t packets, std::int64_t waiting, std::int64_t dropped) {
    queue.update({{"port_id", port_id}, {"waiting", waiting}, {"packets", packets}, {"dropped", dropped}, {"user_dropped", 0}});
  };
  listen(*add(3, 3, "well", 0), 1811, 40'000 + step * 700, step * 5 % 9, 0);
  listen(*add(4, 4, "dropping", 1), 1812, 90'000 + step * 1900, 1024, 30 + step * 4);
  add(10, 13, "unattended", 2);
  return queues;
}

}  // namespace vuurmuur::client
