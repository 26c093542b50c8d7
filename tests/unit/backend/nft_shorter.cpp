// SPDX-License-Identifier: GPL-2.0-or-later
// Conditions left out and rules in maps: a packet meets what it met before.
#include <algorithm>
#include <random>

#include "backend/nft_known.h"
#include "backend/nft_maps.h"
#include "backend/nft_text.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"
#include "unit/backend/nft_walk_packets.h"
#include "unit/backend/tree_with_holes.h"

namespace vuurmuur::backend::nft {
namespace {

using backend_test::NftPacket;
using net::Address;
using net::PortRange;

constexpr std::array<const char*, 6> kInterfaces{"eth0", "eth1", "eth10", "ppp0", "ppp1", "br-lan"};

/// Chains that lead to ones behind them, with few different values, so that conditions are nested and met.
class RandomProgram {
 public:
  explicit RandomProgram(std::uint32_t seed) : random_(seed) {}

  Program make() {
    program_.counters.assign(64, {"c", "c"});
    const Index chains = below(24) + 2;
    field_of_all_ = below(6);
    is_tree_ = below(2) == 0;
    unused_ = 1;
    for (Index i = 0; i < chains; ++i) {
      program_.chains.push_back({.name = "filter_VRMR-" + std::to_string(i), .base = {}, .rules = {}});
      if (i == 0) program_.chains.back().base = Base{};
    }
    for (Index i = 0; i < chains; ++i) fill(i);
    return program_;
  }

  NftPacket packet() {
    NftPacket packet{.in = kInterfaces[below(6)],
                     .out = kInterfaces[below(6)],
                     .source = address(below(64)),
                     .destination = address(below(64)),
                     .protocol = below(3) == 0   ? 17u
                                 : below(8) == 0 ? 47u
                                                 : 6u,
                     .source_port = static_cast<std::uint16_t>(below(16)),
                     .destination_port = static_cast<std::uint16_t>(below(3) == 0 ? below(65536) : below(16)),
                     .mark = {}};
    if (below(8) != 0) packet.mark = below(64) << 12 | below(2) << 20 | below(4);
    return packet;
  }

 private:
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_()) % end; }
  static Address address(std::uint32_t low) { return Address::ipv4(0x0a000000 | low); }

  void fill(Index chain) {
    const bool is_last = chain + 1 == program_.chains.size();
    // Mostly one field a chain, as in a tree.
    const std::uint32_t field = below(4) == 0 ? below(6) : field_of_all_;
    const std::uint32_t rules = below(20);
    const std::uint32_t noise = is_tree_ ? 300 : 40;
    for (std::uint32_t i = 0; i < rules; ++i) {
      Rule rule;
      if (below(noise) != 0) condition(rule, below(noise) == 0 ? below(6) : field);
      if (below(noise) == 0) condition(rule, below(6));
      if (below(noise) == 0) rule.statements.push_back(Count{below(64)});
      end(rule, chain, is_last);
      program_.chains[chain].rules.push_back(std::move(rule));
    }
    if (below(2) == 0) {
      Rule rule;
      end(rule, chain, is_last);
      program_.chains[chain].rules.push_back(std::move(rule));
    }
    // Something that is no part of a map behind what may be one.
    if (below(2) == 0)
      program_.chains[chain].rules.push_back({.statements = {Count{below(64)}, Log{1, {}}}, .comment = {}});
  }

  void condition(Rule& rule, std::uint32_t field) {
    auto& to = rule.statements;
    const auto prefix = [this] {
      return net::Prefix{address(below(64)), static_cast<std::uint8_t>(26 + below(7))}.network();
    };
    switch (field) {
      case 0: to.push_back(AddressTest{Field::Source, prefix()}); return;
      case 1: to.push_back(AddressTest{Field::Destination, prefix()}); return;
      case 2: to.push_back(InterfaceTest{Field::InInterface, below(8) == 0 ? "ppp+" : kInterfaces[below(6)]}); return;
      case 3: to.push_back(InterfaceTest{Field::OutInterface, below(8) == 0 ? "eth1+" : kInterfaces[below(6)]}); return;
      case 4: {
        // Some bits from the top, two in the middle, or all.
        constexpr std::array<std::uint32_t, 5> kMasks{0x3f000, 0x3f000, 0x30000, 0xc000, 0x3c000};
        const std::uint32_t mask = kMasks[below(5)];
        to.push_back(NumberTest{Field::CtMark, Relation::Equal, below(64) << 12 & mask, mask});
        return;
      }
      default: {
        const bool is_tcp = below(4) != 0;
        to.push_back(NumberTest{.field = Field::Protocol, .value = is_tcp ? 6u : 17u});
        const auto first = static_cast<std::uint16_t>(below(16));
        const auto last = below(6) == 0 ? std::uint16_t{65535} : static_cast<std::uint16_t>(first + below(4));
        const Field port = is_tcp ? Field::TcpDestination : Field::UdpDestination;
        if (first == last)
          to.push_back(NumberTest{.field = port, .value = first});
        else
          to.push_back(RangeTest{port, {first, last}});
      }
    }
  }

  void end(Rule& rule, Index chain, bool is_last) {
    if (is_tree_ && below(200) != 0) {
      // Each chain has one way into it; there may be no more of them.
      unused_ = std::max(unused_, chain + 1);
      if (below(3) != 0 && unused_ < program_.chains.size())
        rule.statements.push_back(Verdict{Verdict::Kind::Goto, unused_++});
      else if (field_of_all_ == 4 && below(3) != 0)
        rule.statements.push_back(Queue{7, 7, below(2) == 0});
      else
        rule.statements.push_back(Verdict{below(2) == 0 ? Verdict::Kind::Accept : Verdict::Kind::Drop});
      return;
    }
    const std::uint32_t choice = below(8) == 0 ? below(16) : below(20) == 0 ? 10 : below(3) == 0 ? 14 : below(9);
    const auto next = [&] { return chain + 1 + below(static_cast<std::uint32_t>(program_.chains.size()) - chain - 1); };
    if (choice < 9 && !is_last)
      rule.statements.push_back(Verdict{Verdict::Kind::Goto, next()});
    else if (choice < 11 && !is_last)
      rule.statements.push_back(Verdict{Verdict::Kind::Jump, next()});
    else if (choice < 12)
      rule.statements.push_back(Log{static_cast<std::uint16_t>(below(9)), {}});
    else if (choice < 14)
      rule.statements.push_back(Verdict{choice == 12 ? Verdict::Kind::Accept : Verdict::Kind::Drop});
    else
      rule.statements.push_back(Queue{static_cast<std::uint16_t>(below(3)),
                                      static_cast<std::uint16_t>(3 - (choice == 15 ? 0 : below(2))), below(2) == 0});
    if (auto* queue = std::get_if<Queue>(&rule.statements.back()); queue != nullptr && choice == 14)
      queue->last = queue->first;
  }

  std::mt19937 random_;
  std::uint32_t field_of_all_ = 0;
  bool is_tree_ = false;
  Index unused_ = 0;  ///< the first chain that nothing leads to
  Program program_;
};

std::size_t statements(const Program& program) {
  std::size_t count = 0;
  for (const Chain& chain : program.chains)
    for (const Rule& rule : chain.rules) count += rule.statements.size();
  return count;
}

}  // namespace

TEST_CASE("nft: shorter programs do with every packet what the long ones do") {
  constexpr std::uint32_t kPrograms = 3000;
  constexpr int kPackets = 60;
  std::size_t verdict_maps = 0, queue_maps = 0, dropped = 0;
  std::ptrdiff_t returns = 0;
  for (std::uint32_t seed = 0; seed < kPrograms; ++seed) {
    RandomProgram random(seed);
    const Program plain = random.make();
    Program known = plain;
    drop_known_conditions(known);
    Program maps = plain;
    use_maps(maps);
    Program both = known;
    use_maps(both);
    dropped += statements(plain) - statements(known);
    for (const Set& set : both.sets) (set.kind == Set::Kind::Queues ? queue_maps : verdict_maps) += 1;
    for (const Set& set : both.sets)
      returns += std::ranges::count_if(set.elements, [](const Element& element) {
        const auto* verdict = std::get_if<Verdict>(&element.data);
        return verdict != nullptr && verdict->kind == Verdict::Kind::Return;
      });
    for (int i = 0; i < kPackets; ++i) {
      const NftPacket packet = random.packet();
      const auto expected = backend_test::walk(plain, packet);
      const bool same = backend_test::walk(known, packet) == expected && backend_test::walk(maps, packet) == expected &&
                        backend_test::walk(both, packet) == expected;
      if (same) continue;
      UNSCOPED_INFO("seed " << seed << " packet " << packet.in << ' ' << packet.out << ' ' << packet.source.to_string()
                            << ' ' << packet.destination.to_string() << " port " << packet.destination_port << " mark "
                            << packet.mark.value_or(0) << '\n'
                            << text(plain) << text(known) << text(both));
      REQUIRE(same);
    }
  }
  CHECK(verdict_maps > 200);
  CHECK(queue_maps > 30);
  // What falls off a branch does not go on behind the map.
  CHECK(returns > 20);
  CHECK(dropped > 1000);
}

TEST_CASE("nft: a tree over connection marks becomes one map") {
  ir::Ruleset ruleset;
  ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
  const ir::OriginId origin = ruleset.add_origin("queue of a connection");
  const auto add = [&](ir::ChainId chain, std::optional<ir::ConnmarkMatch> match, ir::Target target) {
    ir::Rule rule{.target = std::move(target), .origin = origin, .commented = false};
    if (match) rule.matches.push_back(*match);
    filter.append(chain, std::move(rule));
  };
  const ir::ChainId root = filter.chain_named("VRMR-QUEUE"), nowhere = filter.chain_named("VRMR-D-no-queue");
  filter.append(filter.builtin(ir::Hook::Input), backend_test::Builder::jump(root));
  for (std::uint32_t high = 0; high < 4; ++high) {
    const ir::ChainId node = filter.chain_named("VRMR-QUEUE-" + std::to_string(high));
    add(root, ir::ConnmarkMatch{high << 14, 3u << 14}, ir::GotoTarget{node});
    for (std::uint32_t low = 0; low < 3; ++low) {
      const auto number = static_cast<std::uint16_t>(high * 4 + low);
      // One of several queues, and one that is passed by when nobody listens.
      const auto last = static_cast<std::uint16_t>(number == 5 ? 7 : number);
      add(node, ir::ConnmarkMatch{std::uint32_t{number} << 12, 15u << 12},
          ir::NfqueueTarget{.first = number, .last = last, .bypass = number == 8});
    }
    add(node, {}, ir::GotoTarget{nowhere});
  }
  add(root, {}, ir::GotoTarget{nowhere});
  add(nowhere, {}, ir::DropTarget{});
  const std::string text = nft::text(make_program(ruleset, net::Family::Ipv4));
  const std::string expected =
      "\tchain filter_VRMR-QUEUE {\n"
      "\t\tqueue flags bypass to ct mark & 0xf000 map { 0x8000 : 8 }\n"
      "\t\tqueue to ct mark & 0xf000 map { 0x0 : 0, 0x1000 : 1, 0x2000 : 2, 0x4000 : 4, 0x6000 : 6, 0x9000 : 9, 0xa000 "
      ": "
      "10, 0xc000 : 12, 0xd000 : 13, 0xe000 : 14 }\n"
      "\t\tct mark & 0xf000 vmap @";
  CHECK(text.find(expected) != std::string::npos);
  CHECK(text.find("\t\t\t0x5000 : goto filter_VRMR-QUEUE-queues-5-7,\n") != std::string::npos);
  CHECK(text.find("\t\tgoto filter_VRMR-D-no-queue\n") != std::string::npos);
  CHECK(text.find("chain filter_VRMR-QUEUE-1 ") == std::string::npos);
}

TEST_CASE("nft: who falls off a branch of a map of marks is not asked what stands behind the map") {
  using namespace backend_test;
  const Program plain = tree_with_holes();
  Program maps = plain;
  use_maps(maps);
  REQUIRE(maps.sets.size() == 1);
  const Set& map = maps.sets.front();
  CHECK(map.kind == Set::Kind::Verdicts);
  CHECK(map.mark_mask == kHoleMask);
  CHECK(map.elements.size() == 7);
  const auto returns = std::ranges::count_if(map.elements, [](const Element& element) {
    return std::get<Verdict>(element.data).kind == Verdict::Kind::Return;
  });
  CHECK(returns == 2);
  for (std::uint32_t number = 0; number < 16; ++number) {
    INFO(number);
    std::vector<std::string> expected;
    if (const auto leaf = leaf_of(number)) {
      expected = {"count " + std::to_string(*leaf), "accept"};
    } else {
      if (!falls_off_branch(number)) expected.push_back("count " + std::to_string(kBehindTree));
      expected.insert(expected.end(), {"count " + std::to_string(kBehindJump), "policy"});
    }
    // The other bits of a mark are somebody else's.
    const NftPacket packet{.mark = number << kHoleShift | 0x40000003u};
    CHECK(backend_test::walk(plain, packet) == expected);
    CHECK(backend_test::walk(maps, packet) == expected);
  }
  // No connection, no mark: no element is for it.
  CHECK(backend_test::walk(maps, NftPacket{}) == backend_test::walk(plain, NftPacket{}));
}

}  // namespace vuurmuur::backend::nft
