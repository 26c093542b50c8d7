// SPDX-License-Identifier: GPL-2.0-or-later
#include "random_ruleset.h"

#include <fmt/format.h>

namespace vuurmuur::test {
namespace {

class Dice {
 public:
  explicit Dice(std::mt19937& random) : random_(random) {}
  [[nodiscard]] bool in_hundred(unsigned percent) { return below(100) < percent; }
  [[nodiscard]] unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  template <class T>
  [[nodiscard]] T one_of(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<unsigned>(values.size())));
  }

 private:
  std::mt19937& random_;
};

/// Sixteen addresses, so that prefixes of every length meet.
net::Address address(Dice& dice, net::Family family) {
  if (family == net::Family::Ipv4) return net::Address::ipv4(0x0a000000 + dice.below(16));
  net::Address result = *net::Address::parse("fd00::");
  result.bytes[7] = static_cast<std::uint8_t>(dice.below(4));
  result.bytes[8] = static_cast<std::uint8_t>(dice.below(4) << 6);
  return result;
}

std::optional<net::Prefix> prefix(Dice& dice, net::Family family, unsigned any_percent) {
  if (dice.in_hundred(any_percent)) return std::nullopt;
  const unsigned longest = family == net::Family::Ipv4 ? 32 : 66;
  const unsigned length = dice.in_hundred(50) ? net::address_bits(family) : longest - dice.below(6);
  return net::Prefix{address(dice, family), static_cast<std::uint8_t>(length)}.network();
}

std::string interface_condition(Dice& dice, unsigned any_percent) {
  if (dice.in_hundred(any_percent)) return {};
  return dice.one_of({"eth0", "eth1", "eth2", "ppp0", "ppp1", "ppp+", "p+"});
}

net::PortRange ports(Dice& dice) {
  const auto first = static_cast<std::uint16_t>(dice.below(8));
  if (dice.in_hundred(60)) return net::PortRange::one(first);
  return {first, static_cast<std::uint16_t>(first + dice.below(4))};
}

void add_service(Dice& dice, ir::Rule& rule, net::Family family) {
  switch (dice.below(6)) {
    case 0: return;
    case 1: {
      rule.protocol = net::Protocol::Udp;
      rule.matches.push_back(ir::UdpMatch{.destination = ports(dice)});
      return;
    }
    case 2: {
      rule.protocol = family == net::Family::Ipv4 ? net::Protocol::Icmp : net::Protocol::Icmpv6;
      if (dice.in_hundred(50)) rule.matches.push_back(ir::IcmpMatch{static_cast<std::uint8_t>(dice.below(2)), {}});
      return;
    }
    default: {
      rule.protocol = net::Protocol::Tcp;
      if (dice.in_hundred(20)) return;
      ir::TcpMatch match{.destination = dice.in_hundred(80) ? ports(dice) : net::PortRange::any()};
      if (dice.in_hundred(10)) match.source = ports(dice);
      if (dice.in_hundred(5)) match.flags = ir::TcpFlags::syn();
      rule.matches.push_back(match);
    }
  }
}

void add_odd_match(Dice& dice, ir::Rule& rule, net::Family family) {
  switch (dice.below(6)) {
    case 0: rule.matches.push_back(ir::MacMatch{{{1, 2, 3, 4, 5, static_cast<std::uint8_t>(dice.below(2))}}}); return;
    case 1: rule.matches.push_back(ir::ConntrackMatch{ir::kCtNew}); return;
    case 2: rule.matches.push_back(ir::HashlimitMatch{.name = fmt::format("h{}", dice.below(3))}); return;
    case 3: rule.matches.push_back(ir::LimitMatch{.count = 1 + dice.below(3)}); return;
    case 4: rule.matches.push_back(ir::AddrtypeMatch{}); return;
    default:
      if (family == net::Family::Ipv4)
        rule.fragment = true;
      else
        rule.matches.push_back(ir::FragmentHeaderMatch{});
  }
}

ir::Target target(Dice& dice, ir::Table& filter) {
  switch (dice.below(14)) {
    case 0: return ir::NflogTarget{7, dice.one_of({"a", "b"})};
    case 1: return ir::ConnmarkTarget{0x1000, 0x1000};
    case 2: return ir::JumpTarget{*filter.find("VRMR-BACK")};
    case 3: return ir::GotoTarget{*filter.find("VRMR-DECIDES")};
    case 4: return ir::JumpTarget{*filter.find("VRMR-DECIDES")};
    case 5: return dice.in_hundred(10) ? ir::Target{ir::GotoTarget{*filter.find("VRMR-BACK")}} : ir::DropTarget{};
    case 6: return ir::RejectTarget{};
    case 7: return ir::NfqueueTarget{3, 3};
    case 8:
    case 9: return ir::DropTarget{};
    default: return ir::AcceptTarget{};
  }
}

/// The same rule about other addresses and another port.
void vary(Dice& dice, ir::Rule& rule, net::Family family) {
  if (rule.source && dice.in_hundred(80)) rule.source = prefix(dice, family, 0);
  if (rule.destination && dice.in_hundred(60)) rule.destination = prefix(dice, family, 0);
  for (ir::Match& match : rule.matches)
    if (auto* tcp = std::get_if<ir::TcpMatch>(&match); tcp != nullptr && dice.in_hundred(30))
      tcp->destination = ports(dice);
}

void fill(Dice& dice, ir::Ruleset& ruleset, net::Family family, unsigned most) {
  ir::Table& filter = ruleset.rules(family).table(ir::TableName::Filter);
  const auto own = ruleset.add_origin("frame");
  const ir::ChainId chain = filter.chain_named(kRandomChain);
  const ir::ChainId back = filter.chain_named("VRMR-BACK"), decides = filter.chain_named("VRMR-DECIDES");
  filter.append(filter.builtin(ir::Hook::Forward), ir::Rule{.target = ir::JumpTarget{chain}, .origin = own});
  filter.append(back, ir::Rule{.target = ir::NflogTarget{1, "back"}, .origin = own});
  filter.append(back, ir::Rule{.protocol = net::Protocol::Udp, .target = ir::DropTarget{}, .origin = own});
  filter.append(decides, ir::Rule{.matches = {ir::LimitMatch{}}, .target = ir::NflogTarget{1, "x"}, .origin = own});
  filter.append(decides, ir::Rule{.target = ir::DropTarget{}, .origin = own});
  // How often a condition is left out differs from ruleset to ruleset, as do the fields that separate rules best.
  const unsigned no_interface = dice.below(100), no_source = dice.below(100), no_destination = dice.below(100),
                 odd = dice.one_of({0u, 3u, 20u}), origins = 1 + dice.below(20), alike = dice.below(100),
                 again = dice.one_of({0u, 50u, 90u});
  std::vector<ir::OriginId> known;
  for (unsigned i = 0; i < origins; ++i) known.push_back(ruleset.add_origin(fmt::format("rule {}: x", i + 1)));
  const ir::Target usual = target(dice, filter);
  ir::Rule usual_service;
  add_service(dice, usual_service, family);
  const unsigned count = 1 + dice.below(most);
  for (unsigned i = 0; i < count; ++i) {
    ir::Rule rule{.in_interface = interface_condition(dice, no_interface),
                  .out_interface = interface_condition(dice, no_interface),
                  .source = prefix(dice, family, no_source),
                  .destination = prefix(dice, family, no_destination)};
    if (dice.in_hundred(alike)) {
      rule.protocol = usual_service.protocol;
      rule.matches = usual_service.matches;
    } else {
      add_service(dice, rule, family);
    }
    rule.target = dice.in_hundred(alike) ? usual : target(dice, filter);
    if (dice.in_hundred(odd)) add_odd_match(dice, rule, family);
    if (i != 0 && dice.in_hundred(again)) {
      rule = filter.chain(chain).rules.back();
      vary(dice, rule, family);
    }
    rule.origin = known[std::min(i * origins / count, origins - 1)];
    // A bucket is told by its origin: each needs one of its own.
    for (const ir::Match& match : rule.matches)
      if (std::holds_alternative<ir::LimitMatch>(match))
        rule.origin = ruleset.add_origin(fmt::format("rule {}: limited", origins + i));
    filter.append(chain, std::move(rule));
  }
}

}  // namespace

ir::Ruleset random_ruleset(std::mt19937& random, unsigned most) {
  Dice dice(random);
  ir::Ruleset ruleset;
  for (const net::Family family : net::kFamilies) fill(dice, ruleset, family, most);
  return ruleset;
}

Packet random_packet(std::mt19937& random, net::Family family) {
  Dice dice(random);
  Packet packet;
  packet.in = dice.one_of({"eth0", "eth1", "eth2", "ppp0", "ppp1", "ppp2", "px", "lo"});
  packet.out = dice.one_of({"eth0", "eth1", "eth2", "ppp0", "ppp1", "ppp2", "px", "lo"});
  packet.source = address(dice, family);
  packet.destination = address(dice, family);
  packet.protocol =
      dice.one_of({net::Protocol::Tcp, net::Protocol::Tcp, net::Protocol::Udp,
                   family == net::Family::Ipv4 ? net::Protocol::Icmp : net::Protocol::Icmpv6, net::Protocol::Gre});
  packet.source_port = static_cast<std::uint16_t>(dice.below(12));
  packet.destination_port = static_cast<std::uint16_t>(dice.below(12));
  packet.tcp_flags = dice.in_hundred(70) ? ir::TcpFlags::kSyn : ir::TcpFlags::kAck;
  packet.icmp_type = static_cast<std::uint8_t>(dice.below(3));
  packet.state = dice.in_hundred(80) ? ir::kCtNew : ir::kCtInvalid;
  packet.is_fragment = dice.in_hundred(5);
  packet.mac = {{1, 2, 3, 4, 5, static_cast<std::uint8_t>(dice.below(3))}};
  packet.luck = static_cast<std::uint32_t>(random());
  return packet;
}

std::size_t count_limits(const ir::Table& table) {
  std::size_t count = 0;
  for (const ir::Chain& chain : table.chains())
    for (const ir::Rule& rule : chain.rules)
      for (const ir::Match& match : rule.matches)
        if (std::holds_alternative<ir::LimitMatch>(match)) ++count;
  return count;
}

}  // namespace vuurmuur::test
