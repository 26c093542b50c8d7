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
      // Nobody sees the marks of what is dropped, and a packet that is rejected has none to keep.
      const bool is_gone =
          outcome.verdict == saved::Outcome::Verdict::Drop || outcome.verdict == saved::Outcome::Verdict::Reject;
      all.insert(fmt::format("{} {} {:#x} {:#x} if {}", static_cast<int>(outcome.verdict), outcome.queue.value_or(0),
                             is_gone ? 0 : outcome.packet.mark, is_gone ? 0 : outcome.packet.connection_mark,
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
  packet.connection_mark = row.connection_mark;
  packet.mark = row.packet_mark;
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

/// Whether a packet comes to the same in both, whatever of the packet marks that rules ask for it brings with it.
bool is_treated_alike(const Walked& before, const Walked& after, saved::Packet packet) {
  for (const std::uint32_t high : {0x0U, 0x10000000U, 0x20000000U})
    for (const std::uint32_t low : {0x0U, 0x1000U, 0x2000U}) {
      packet.mark = high | low;
      if (before.ways(packet, /*with_conditions=*/false) != after.ways(packet, /*with_conditions=*/false)) return false;
    }
  return true;
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

namespace {

struct Found {
  unsigned equal = 0, different = 0, rows = 0, unfinished = 0;
  unsigned same_marks = 0;  ///< rows of rules that set what the packet of the example has already
  unsigned same_end = 0;    ///< rows under a condition, of a rule behind which others do the same
};

/// Whether a row is about marks alone: they are told by what rules make of them.
bool is_of_marks(const prove::SavedDifference& row) {
  const auto without_marks = [](const std::string& text) {
    return text.substr(0, std::min(text.find(", connection mark"), text.find(", packet mark")));
  };
  return without_marks(row.before) == without_marks(row.after);
}

void hold_against_walks(const test::RandomTable& what, unsigned rounds, std::uint32_t seed, Found& found) {
  std::mt19937 random(seed);
  for (unsigned round = 0; round < rounds; ++round) {
    const std::string text = test::random_table(random, what), other = edited(text, random);
    const Walked before(text), after(other);
    diag::Sink sink;
    const prove::SavedDiff diff = prove::diff(before.ruleset, after.ruleset, net::Family::Ipv4, sink);
    INFO(text << "\nafter:\n" << other);
    for (const std::string& why : diff.not_modelled) FAIL_CHECK(why);
    // The same rules in another order may do the same under conditions: that is not found out.
    if (!what.with_limits) CHECK(diff.unfinished == 0);
    found.unfinished += diff.unfinished != 0;
    for (const prove::SavedDifference& row : diff.rows) {
      INFO(row.before << " / " << row.after);
      const saved::Packet packet = packet_of(row);
      INFO(fmt::format("connection mark {:#x}, packet mark {:#x}", packet.connection_mark, packet.mark));
      const bool is_same =
          before.ways(packet, /*with_conditions=*/true) == after.ways(packet, /*with_conditions=*/true);
      if (is_same && is_of_marks(row))
        ++found.same_marks;
      else if (is_same && (row.before + row.after).find('\'') != std::string::npos)
        ++found.same_end;
      else
        CHECK_FALSE(is_same);
      ++found.rows;
    }
    if (diff.unfinished == 0) ++(diff.is_equal() ? found.equal : found.different);
    for (unsigned i = 0; i < 40; ++i) {
      if (diff.is_equal()) CHECK(is_treated_alike(before, after, random_packet(random)));
    }
  }
  WARN(fmt::format("{} equal, {} different in {} rows ({} set marks that are set, {} end alike), {} not finished",
                   found.equal, found.different, found.rows, found.same_marks, found.same_end, found.unfinished));
}

}  // namespace

TEST_CASE("two tables differ in the packets that are told, and in no others") {
  Found found;
  hold_against_walks({}, 400, 7, found);
  CHECK(found.equal > 40);
  CHECK(found.different > 40);
}

TEST_CASE("the same where the moment decides, also before RETURN") {
  Found found;
  hold_against_walks({.with_limits = true}, 400, 8, found);
  CHECK(found.equal > 40);
  CHECK(found.different > 40);
  CHECK(found.unfinished < 40);
  CHECK(found.same_end < found.rows / 5);
}

TEST_CASE("the same where bits of marks are set, saved, restored and asked for") {
  Found found;
  hold_against_walks({.with_marks = true}, 400, 9, found);
  CHECK(found.equal > 40);
  CHECK(found.different > 40);
  CHECK(found.same_marks < found.rows / 10);
  CHECK(found.same_end == 0);  // of marks nothing is left to the moment
}

TEST_CASE("a table is the same as itself, also with limits and marks, and with other names of chains") {
  std::mt19937 random(10);
  for (unsigned round = 0; round < 200; ++round) {
    const std::string text = test::random_table(random, {.with_limits = round % 2 == 0, .with_marks = round % 3 != 0});
    std::string renamed;
    for (std::size_t at = 0, next; at < text.size(); at = next) {
      next = std::min(text.find("VRMR-", at + 1), text.size());
      const std::string_view part = std::string_view(text).substr(at, next - at);
      renamed += part.starts_with("VRMR-") ? "other-" + std::string(part.substr(5)) : std::string(part);
    }
    const Walked before(text), after(renamed);
    diag::Sink sink;
    INFO(text);
    const prove::SavedDiff diff = prove::diff(before.ruleset, after.ruleset, net::Family::Ipv4, sink);
    CHECK(diff.rows.empty());
    CHECK(diff.not_modelled.empty());
    CHECK(diff.unfinished == 0);
  }
}

TEST_CASE("tables besides filter are compared, and one that is not known is named") {
  const std::string head = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
  const auto rows = [&](const std::string& before, const std::string& after) {
    const Walked one(head + before), other(head + after);
    diag::Sink sink;
    const prove::SavedDiff diff = prove::diff(one.ruleset, other.ruleset, net::Family::Ipv4, sink);
    std::string text;
    for (const prove::SavedDifference& row : diff.rows)
      text += prove::name_of(row.hook) + ": " + row.before + " / " + row.after + "\n";
    for (const std::string& why : diff.not_modelled) text += why + "\n";
    return text;
  };
  const std::string nat = "*nat\n:PREROUTING ACCEPT [0:0]\n", mangle = "*mangle\n:FORWARD ACCEPT [0:0]\n";
  CHECK(rows(nat + "-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1\nCOMMIT\n",
             nat + "-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2\nCOMMIT\n") ==
        "PREROUTING of table nat: translated: destination 10.0.0.1 / translated: destination 10.0.0.2\n");
  CHECK(
      rows(nat + "-A PREROUTING -p tcp -j REDIRECT --to-ports 80\nCOMMIT\n",
           nat + "-A PREROUTING -p tcp -j DNAT --to-destination :80\nCOMMIT\n") ==
      "PREROUTING of table nat: translated: destination (of the device) port 80 by REDIRECT / translated: destination "
      "(of the device) port 80 by DNAT\n");
  // A table that lets everything pass is one that is not there.
  CHECK(rows(nat + "COMMIT\n", "").empty());
  CHECK(rows("", mangle + "-A FORWARD -p tcp -j MARK --set-xmark 0x4/0xf\nCOMMIT\n") ==
        "FORWARD of table mangle: accepted / accepted, packet mark 0x4/0xf\n");
  CHECK(rows("*security\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n", "") == "table security\n");
}

TEST_CASE("a RETURN under a limit leaves the chain to those beyond it") {
  const auto table = [](const std::string& rules) {
    return "*filter\n:INPUT ACCEPT [0:0]\n:flood - [0:0]\n-A INPUT -p tcp --syn -j flood\n" + rules + "COMMIT\n";
  };
  const Walked slow(table("-A flood -m limit --limit 1/sec -j RETURN\n-A flood -j DROP\n")),
      fast(table("-A flood -m limit --limit 9/sec -j RETURN\n-A flood -j DROP\n")),
      narrow(table("-A flood -s 10.0.0.0/8 -m limit --limit 1/sec -j RETURN\n-A flood -j DROP\n"));
  const auto told = [](const Walked& before, const Walked& after) {
    diag::Sink sink;
    const prove::SavedDiff diff = prove::diff(before.ruleset, after.ruleset, net::Family::Ipv4, sink);
    REQUIRE(diff.not_modelled.empty());
    std::string text;
    for (const prove::SavedDifference& row : diff.rows) text += row.before + " / " + row.after + "\n";
    return text;
  };
  CHECK(told(slow, slow).empty());
  CHECK(told(slow, fast) ==
        "not 'limit --limit 1/sec': dropped / accepted\naccepted / not 'limit --limit 9/sec': dropped\n");
  const std::string less = told(slow, narrow);
  CHECK(less.find("not 'limit --limit 1/sec': dropped / dropped\n") != std::string::npos);
}

TEST_CASE("bits of marks that stand apart are not left to the moment") {
  // The lowest and the highest of 28 bits: as numbers in the order of the bits they are thousands of ranges.
  const auto table = [](const std::string& rules) {
    return "*filter\n:FORWARD DROP [0:0]\n:gone - [0:0]\n" + rules +
           "-A FORWARD -m connmark --mark 0x10000000/0x30000000 -j ACCEPT\nCOMMIT\n";
  };
  const Walked before(table("-A FORWARD -m connmark --mark 0x10001000/0x30003000 -g gone\n")), after(table("")),
      packet(table("-A FORWARD -m connmark --mark 0x10000000/0x30000000 -m mark ! --mark 0x4/0x6 -j DROP\n"));
  const auto told = [](const Walked& one, const Walked& other) {
    diag::Sink sink;
    std::string text;
    for (const prove::SavedDifference& row : prove::diff(one.ruleset, other.ruleset, net::Family::Ipv4, sink).rows)
      text += fmt::format("{} / {}: {:#x} {:#x}\n", row.before, row.after, row.connection_mark, row.packet_mark);
    return text;
  };
  CHECK(told(before, after) == "dropped / accepted: 0x10001000 0x0\n");
  CHECK(told(after, packet) == "accepted / dropped: 0x10000000 0x0\n");
  CHECK(told(before, packet) == "dropped / accepted: 0x10001000 0x4\naccepted / dropped: 0x10000000 0x0\n");
}

TEST_CASE("a mark that packets get before they are translated, or before the policy of a chain, counts") {
  const auto told = [](const std::string& head, const std::string& rule) {
    const std::string mark = "-A PREROUTING -j MARK --set-xmark 0x4/0xf\n";
    const Walked none(head + rule + "COMMIT\n"), marked(head + mark + rule + "COMMIT\n");
    diag::Sink sink;
    std::string text;
    for (const prove::SavedDifference& row : prove::diff(none.ruleset, marked.ruleset, net::Family::Ipv4, sink).rows)
      text += row.before + " / " + row.after + "\n";
    return text;
  };
  CHECK(told("*mangle\n:PREROUTING ACCEPT [0:0]\n", "") == "accepted / accepted, packet mark 0x4/0xf\n");
  CHECK(told("*nat\n:PREROUTING ACCEPT [0:0]\n", "-A PREROUTING -j DNAT --to-destination 10.0.0.1\n") ==
        "translated: destination 10.0.0.1 / translated: destination 10.0.0.1, packet mark 0x4/0xf\n");
}
