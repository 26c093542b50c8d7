// SPDX-License-Identifier: GPL-2.0-or-later
// Which services get from which device to which, held against walks of packets.
#include "prove/service_matrix.h"

#include <fmt/format.h>

#include <charconv>
#include <random>

#include "base/strings.h"
#include "saved/read.h"
#include "saved/walk.h"
#include "support/catch.h"
#include "unit/prove/random_table.h"

using namespace vuurmuur;

namespace {

struct Table {
  diag::SourceMap sources;
  diag::Sink sink;
  saved::Ruleset ruleset;
  prove::ServiceMatrix matrix;

  explicit Table(const std::string& text) {
    ruleset = saved::read(sources.add("rules", text), sources, sink);
    matrix = prove::services_between_devices(ruleset, net::Family::Ipv4, sink);
  }
  [[nodiscard]] std::string text() const {
    std::string all;
    for (const prove::MatrixRow& row : matrix.rows) {
      all += fmt::format("{} {} > {}:", prove::to_string(row.hook), row.in, row.out);
      for (const prove::ReachedService& each : row.services) all += " [" + each.text + "]";
      all += '\n';
    }
    return all;
  }
};

/// Whether "tcp 80 to 90, if …" is about a packet.
bool is_about(const std::string& service, const saved::Packet& packet) {
  const auto words = base::split(std::string_view(service).substr(0, service.find(',')), ' ');
  std::vector<unsigned> numbers;
  for (const std::string_view word : words)
    if (unsigned number = 0; std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc())
      numbers.push_back(number);
  const auto holds = [&](unsigned value) {
    return numbers.empty() || (value >= numbers.front() && value <= numbers.back());
  };
  if (words[0] == "all") return true;
  if (words[0] == "protocols") return holds(packet.protocol);
  if (words[0] == "icmp") return packet.protocol == 1 && holds(packet.icmp_type);
  return packet.protocol == (words[0] == "tcp" ? 6 : 17) && holds(packet.destination_port);
}

bool may_pass(const saved::Answer& answer) {
  return std::ranges::any_of(answer.outcomes, [](const saved::Outcome& outcome) {
    return outcome.verdict == saved::Outcome::Verdict::Accept || outcome.verdict == saved::Outcome::Verdict::Queue;
  });
}

}  // namespace

TEST_CASE("services stand by device, with what they depend on") {
  const Table table(
      "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:lan - [0:0]\n"
      "-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
      "-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT\n"
      "-A FORWARD -i lan0 -o wan0 -j lan\n-A FORWARD -i tun+ -p udp -j NFQUEUE --queue-num 3\n"
      "-A lan -s 10.9.0.0/16 -j RETURN\n-A lan -p tcp -m multiport --dports 80,443 -j ACCEPT\n"
      "-A lan -p tcp -m tcp --dport 443 -j ACCEPT\n-A lan -p icmp -m icmp --icmp-type 8 -j ACCEPT\nCOMMIT\n");
  REQUIRE_FALSE(table.sink.has_errors());
  CHECK(table.matrix.not_modelled.empty());
  CHECK(table.text() ==
        "INPUT lan0 > : [tcp 22, if 'limit --limit 3/min']\n"
        "INPUT lo > : [all]\n"
        "INPUT tun+ > : [tcp 22, if 'limit --limit 3/min']\n"
        "INPUT others > : [tcp 22, if 'limit --limit 3/min']\n"
        "FORWARD lan0 > wan0: [tcp 80] [tcp 443] [icmp type 8]\n"
        "FORWARD tun+ > wan0: [udp]\n"
        "FORWARD tun+ > others: [udp]\n"
        "OUTPUT  > wan0: [all]\n"
        "OUTPUT  > others: [all]\n");
}

TEST_CASE("what is in the matrix gets through, and nothing else does") {
  std::mt19937 random(11);
  unsigned passed = 0, shown = 0;
  for (unsigned round = 0; round < 300; ++round) {
    const std::string text = test::random_table(random, {.with_limits = round % 3 == 0, .with_marks = round % 4 == 0});
    Table table(text);
    const saved::Walker walker(table.ruleset, net::Family::Ipv4, table.sink);
    INFO(text << table.text());
    REQUIRE(table.matrix.not_modelled.empty());
    REQUIRE(table.matrix.unfinished == 0);
    const auto named = [&](const std::string& name) {
      // Rules of these tables ask for eth0 and for eth+.
      const bool has_exact = text.find("-i eth0") != std::string::npos,
                 has_begin = text.find("-i eth+") != std::string::npos;
      if (name == "eth0" && has_exact) return std::string("eth0");
      return std::string(has_begin ? "eth+" : "others");
    };
    const auto row_of = [&](const std::string& in) -> const prove::MatrixRow* {
      for (const prove::MatrixRow& row : table.matrix.rows)
        if (row.hook == prove::Hook::Forward && row.in == in) return &row;
      return nullptr;
    };
    for (unsigned i = 0; i < 60; ++i) {
      static constexpr std::array<std::uint8_t, 3> kProtocols{6, 17, 1};
      saved::Packet packet;
      packet.way = saved::Way::Through;
      packet.in = random() % 2 == 0 ? "eth0" : "eth1";
      packet.out = "wan0";
      packet.source = net::Address::ipv4(static_cast<std::uint32_t>(0x0a000000 + random() % 6));
      packet.destination = net::Address::ipv4(static_cast<std::uint32_t>(0x0a000000 + random() % 6));
      packet.protocol = kProtocols[random() % 3];
      packet.source_port = 40000;
      packet.destination_port = static_cast<std::uint16_t>(79 + random() % 13);
      packet.icmp_type = 8;
      if (!may_pass(walker.walk(packet))) continue;
      const prove::MatrixRow* const row = row_of(named(*packet.in));
      REQUIRE(row != nullptr);
      CHECK(std::ranges::any_of(row->services,
                                [&](const prove::ReachedService& each) { return is_about(each.text, packet); }));
      ++passed;
    }
    for (const prove::MatrixRow& row : table.matrix.rows) {
      if (row.hook != prove::Hook::Forward) continue;
      for (const prove::ReachedService& each : row.services) {
        saved::Packet packet;
        packet.way = saved::Way::Through;
        packet.in = row.in == "eth0" ? "eth0" : row.in == "eth+" ? "eth5" : "none9";
        packet.out = "none9";
        packet.source = each.packet.source;
        packet.destination = each.packet.destination;
        packet.protocol = static_cast<std::uint8_t>(each.packet.protocol);
        packet.source_port = each.packet.source_port;
        packet.destination_port = each.packet.destination_port;
        packet.icmp_type = each.packet.icmp_type;
        packet.icmp_code = each.packet.icmp_code;
        bool passes = false;
        for (const std::uint32_t mark :
             {0x0U, 0x10000000U, 0x1000U, 0x10001000U, 0x20002000U, 0x2000U, 0x3000U, 0x10003000U})
          if (packet.mark = mark; may_pass(walker.walk(packet))) passes = true;
        INFO(each.text);
        CHECK(passes);
        CHECK(is_about(each.text, packet));
        ++shown;
      }
    }
  }
  CHECK(passed > 1000);
  CHECK(shown > 200);
}
