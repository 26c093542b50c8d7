// SPDX-License-Identifier: GPL-2.0-or-later
// What two tables filter otherwise, held against walks of packets through both.
#include "prove/saved_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "saved/read.h"
#include "saved/walk.h"
#include "support/catch.h"
#include "unit/prove/random_table.h"

using namespace vuurmuur;

namespace {

/// A table that packets can be sent through.
struct Walked {
  diag::SourceMap sources;
  diag::Sink sink;
  saved::Ruleset ruleset;
  std::optional<saved::Walker> walker;

  explicit Walked(const std::string& text) {
    ruleset = saved::read(sources.add("rules", text), sources, sink);
    walker.emplace(ruleset, net::Family::Ipv4, sink);
  }
  /// What a packet may come to, and if what.
  [[nodiscard]] std::set<std::string> ways(const saved::Packet& packet, bool with_conditions) const {
    std::set<std::string> all;
    for (const saved::Outcome& outcome : walker->walk(packet).outcomes) {
      std::vector<std::string> assumed;
      for (const saved::Assumption& each : outcome.assumed)
        assumed.push_back(fmt::format("{}{}", each.holds ? "" : "not ", each.condition));
      std::ranges::sort(assumed);
      all.insert(fmt::format("{} {} if {}", static_cast<int>(outcome.verdict), outcome.queue.value_or(0),
                             with_conditions ? base::join(assumed, ", ") : std::string()));
    }
    return all;
  }
};

saved::Packet packet_of(const prove::SavedDifference& row) {
  saved::Packet packet;
  packet.way = saved::Way::Through;
  packet.in = row.packet.in.empty() ? "none9" : row.packet.in;
  packet.out = row.packet.out.empty() ? "none9" : row.packet.out;
  packet.source = row.packet.source;
  packet.destination = row.packet.destination;
  packet.protocol = static_cast<std::uint8_t>(row.packet.protocol);
  packet.source_port = row.packet.source_port;
  packet.destination_port = row.packet.destination_port;
  packet.icmp_type = row.packet.icmp_type;
  packet.icmp_code = row.packet.icmp_code;
  packet.states = row.when.states;
  for (std::uint8_t flags = 0; flags < 64; ++flags)
    if (row.when.flags == 1ULL << flags) packet.flags = flags;
  for (std::uint32_t kind = 0; kind < 4; ++kind)
    if (row.when.kinds == 1U << kind) packet.connection_mark = kind << 30 | row.when.first_number;
  return packet;
}

saved::Packet random_packet(std::mt19937& random) {
  static constexpr std::array<std::uint8_t, 3> kProtocols{6, 17, 1};
  saved::Packet packet;
  packet.way = saved::Way::Through;
  packet.in = random() % 2 == 0 ? "eth0" : "eth1";
  packet.out = "eth2";
  packet.source = net::Address::ipv4(static_cast<std::uint32_t>(0x0a000000 + random() % 6));
  packet.destination = net::Address::ipv4(static_cast<std::uint32_t>(0x0a000000 + random() % 6));
  packet.protocol = kProtocols[random() % 3];
  packet.source_port = 40000;
  packet.destination_port = static_cast<std::uint16_t>(79 + random() % 13);
  packet.icmp_type = random() % 2 == 0 ? 8 : 0;
  packet.states = static_cast<std::uint8_t>(1U << random() % 5);
  packet.connection_mark = static_cast<std::uint32_t>(random() % 4) << 28 | (random() % 2 == 0 ? 0x3000 : 0);
  return packet;
}

/// The text with one line less, or two of them in the other order.
std::string edited(const std::string& text, std::mt19937& random) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(text, '\n')) lines.emplace_back(line);
  std::vector<std::size_t> rules;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].starts_with("-A ")) rules.push_back(i);
  const std::size_t at = rules[random() % rules.size()], other = rules[random() % rules.size()];
  const auto chain = [&](std::size_t i) { return lines[i].substr(0, lines[i].find(' ', 3)); };
  if (random() % 2 == 0 && chain(at) == chain(other))
    std::swap(lines[at], lines[other]);
  else
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
  return base::join(lines, "\n");
}

}  // namespace

TEST_CASE("two tables differ in the packets that are told, and in no others") {
  std::mt19937 random(7);
  unsigned equal = 0, different = 0, rows = 0;
  for (unsigned round = 0; round < 600; ++round) {
    const std::string text = test::random_table(random, /*with_limits=*/round % 3 == 0), other = edited(text, random);
    const Walked before(text), after(other);
    diag::Sink sink;
    const prove::SavedDiff diff = prove::diff(before.ruleset, after.ruleset, net::Family::Ipv4, sink);
    INFO(text << "\nafter:\n" << other);
    const bool has_limits = round % 3 == 0;
    if (!has_limits) REQUIRE(diff.not_modelled.empty());
    if (!has_limits) REQUIRE(diff.unfinished == 0);
    if (!diff.not_modelled.empty() || diff.unfinished != 0) continue;  // a limit before RETURN, or in another order
    for (const prove::SavedDifference& row : diff.rows) {
      INFO(row.before << " / " << row.after);
      CHECK(before.ways(packet_of(row), true) != after.ways(packet_of(row), true));
      ++rows;
    }
    ++(diff.is_equal() ? equal : different);
    for (unsigned i = 0; i < 40; ++i) {
      const saved::Packet packet = random_packet(random);
      if (diff.is_equal()) CHECK(before.ways(packet, false) == after.ways(packet, false));
    }
  }
  WARN(fmt::format("{} equal, {} different in {} rows", equal, different, rows));
  CHECK(equal > 50);
  CHECK(different > 50);
}
