// SPDX-License-Identifier: GPL-2.0-or-later
// Tables as programs: what the first entry that holds a packet does is what a walk of the packet through the text comes
// to, with jumps, goto and RETURN by chance.
#include "prove/emitted.h"

#include "prove/all_packets.h"

#include <fmt/format.h>

#include <random>

#include "unit/prove/random_table.h"

#include "analyse/device_names.h"
#include "saved/read.h"
#include "saved/walk.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

bool holds(const prove::Region& region, const analyse::Point& point, const prove::Situation& when) {
  prove::Region one = region;
  one.when = when;
  return analyse::contains(region.box, point) && prove::common(one, region) == one;
}

std::string verdict_of(const saved::Outcome& outcome) {
  switch (outcome.verdict) {
    case saved::Outcome::Verdict::Accept: return "accepted";
    case saved::Outcome::Verdict::Drop: return "dropped";
    case saved::Outcome::Verdict::Reject: return "rejected with icmp-port-unreachable";
    case saved::Outcome::Verdict::Queue: return fmt::format("to queue {}", *outcome.queue);
    case saved::Outcome::Verdict::Unknown: break;
  }
  return "unknown";
}

analyse::Value device(const std::string& name) { return analyse::names_of_devices(name, false).first; }

}  // namespace

TEST_CASE("a table as a program does what a walk through it comes to") {
  const sema::Policy policy;
  const analyse::PolicyBoxes fields(policy, net::Family::Ipv4);
  const ir::MarkLayout layout;
  std::mt19937 random(1);
  unsigned compared = 0, entries = 0;
  for (unsigned round = 0; round < 400; ++round) {
    const std::string text = test::random_table(random);
    diag::SourceMap sources;
    diag::Sink sink;
    const saved::Ruleset ruleset = saved::read(sources.add("rules", text), sources, sink);
    const saved::Walker walker(ruleset, net::Family::Ipv4, sink);
    const prove::EmittedRules rules(*ruleset.find("filter"),
                                    {.family = net::Family::Ipv4, .layout = layout, .sets = nullptr, .fields = &fields},
                                    sink);
    const prove::EmittedTable table(*ruleset.find("filter"), rules, sink);
    prove::Terms terms;
    const prove::Program program = table.program("FORWARD", everything(fields, layout, prove::Hook::Forward), terms);
    INFO(text);
    REQUIRE_FALSE(sink.has_errors());
    REQUIRE(program.not_modelled.empty());
    entries += static_cast<unsigned>(program.entries.size());
    for (unsigned i = 0; i < 60; ++i) {
      static constexpr std::array<const char*, 3> kDevices{"eth0", "eth1", "lan0"};
      static constexpr std::array<std::uint8_t, 3> kProtocols{6, 17, 1};
      saved::Packet packet;
      packet.way = saved::Way::Through;
      packet.in = kDevices[random() % 2];
      packet.out = "eth2";
      packet.source = net::Address::ipv4(static_cast<std::uint32_t>(0x0a000000 + random() % 6));
      packet.destination = net::Address::ipv4(static_cast<std::uint32_t>(0x0a000000 + random() % 6));
      packet.protocol = kProtocols[random() % 3];
      packet.destination_port = static_cast<std::uint16_t>(79 + random() % 13);
      packet.source_port = 40000;
      packet.icmp_type = random() % 2 == 0 ? 8 : 0;
      packet.states = static_cast<std::uint8_t>(1U << random() % 5);
      const auto kind = static_cast<ir::MarkKind>(random() % 4);
      const auto number = static_cast<std::uint16_t>(2 + random() % 3);
      packet.connection_mark = layout.encode({kind, number});
      const bool is_icmp = packet.protocol == 1;
      analyse::Point point{};
      const auto put = [&](analyse::Field field, analyse::Value value) {
        point[static_cast<std::size_t>(field)] = value;
      };
      put(analyse::Field::In, device(*packet.in));
      put(analyse::Field::Out, device(*packet.out));
      put(analyse::Field::Protocol, {.low = packet.protocol});
      put(analyse::Field::SourcePort, {.low = is_icmp ? std::uint64_t{packet.icmp_type} : packet.source_port});
      put(analyse::Field::DestinationPort,
          {.low = is_icmp ? std::uint64_t{packet.icmp_code} : packet.destination_port});
      put(analyse::Field::Source, analyse::value_of(packet.source));
      put(analyse::Field::Destination, analyse::value_of(packet.destination));
      const prove::Situation when{.states = packet.states,
                                  .flags = 1ULL << packet.flags,
                                  .kinds = static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind)),
                                  .first_number = number,
                                  .last_number = number};
      const auto taken = std::ranges::find_if(program.entries, [&](const prove::Entry& entry) {
        return entry.ends && holds(terms.regions.region(entry.region), point, when);
      });
      REQUIRE(taken != program.entries.end());
      const saved::Answer walked = walker.walk(packet);
      REQUIRE(walked.outcomes.size() == 1);
      CHECK(terms.behaviours.text(taken->behaviour) == verdict_of(walked.outcomes.front()));
      ++compared;
    }
  }
  CHECK(compared == 400 * 60);
  CHECK(entries > 1500);
}

TEST_CASE("marks that all packets get before the policy of a chain are part of what becomes of them") {
  const sema::Policy policy;
  const analyse::PolicyBoxes fields(policy, net::Family::Ipv4);
  const ir::MarkLayout layout;
  const auto behaviours = [&](const std::string& rules) {
    const std::string head = "*mangle\n:PREROUTING ACCEPT [0:0]\n:VRMR-MARKS - [0:0]\n";
    diag::SourceMap sources;
    diag::Sink sink;
    const saved::Ruleset ruleset = saved::read(sources.add("rules", head + rules + "COMMIT\n"), sources, sink);
    const saved::Table& mangle = *ruleset.find("mangle");
    const prove::EmittedRules kept(
        mangle, {.family = net::Family::Ipv4, .layout = layout, .sets = nullptr, .fields = &fields}, sink);
    const prove::EmittedTable table(mangle, kept, sink);
    prove::Terms terms;
    const prove::Program program =
        table.program("PREROUTING", everything(fields, layout, prove::Hook::ManglePrerouting), terms);
    REQUIRE_FALSE(sink.has_errors());
    CHECK(program.not_modelled.empty());
    std::vector<std::string> all;
    for (const prove::Entry& entry : program.entries) all.push_back(terms.behaviours.text(entry.behaviour));
    return all;
  };
  const std::string accept = "-A PREROUTING -j ACCEPT\n";
  for (const std::string rules : {"-A PREROUTING -j CONNMARK --set-xmark 0x10007000/0x3ffff000\n",
                                  "-A PREROUTING -j VRMR-MARKS\n-A VRMR-MARKS -j MARK --set-xmark 0x4/0xf\n",
                                  "-A PREROUTING -g VRMR-MARKS\n-A VRMR-MARKS -j MARK --set-xmark 0x4/0xf\n"}) {
    INFO(rules);
    const std::vector<std::string> found = behaviours(rules);
    REQUIRE(found.size() == 1);
    CHECK(found.front() != "accepted");
    if (rules.find(" -g ") == std::string::npos) CHECK(found == behaviours(rules + accept));
  }
}
