// SPDX-License-Identifier: GPL-2.0-or-later
// Rulesets that use every match and every target, for tests of all writers and readers.
#pragma once
#include <string>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::backend_test {

/// A ruleset builder of few words.
class Builder {
 public:
  explicit Builder(net::Family family) : family_(family) { origin_ = result_.add_origin("rule 1: accept http"); }

  /// Appends a rule to a chain of our own that a built-in chain leads to (so that the kernel checks its hooks).
  void add(ir::TableName table, ir::Hook hook, ir::Rule rule) {
    ir::Table& in = result_.rules(family_).table(table);
    const std::string name = std::string(ir::kOwnPrefix) + std::string(ir::to_string(hook));
    if (!in.find(name)) {
      const ir::ChainId made = in.chain_named(name);
      in.append(in.builtin(hook), jump(made));
    }
    rule.origin = origin_;
    rule.commented = rule.commented && commented_;
    in.append(in.chain_named(name), std::move(rule));
  }

  /// A rule with that match and the target DROP, in filter INPUT.
  void add_match(ir::Rule rule) {
    rule.target = ir::DropTarget{};
    add(ir::TableName::Filter, ir::Hook::Input, std::move(rule));
  }

  /// A rule with that target, in filter INPUT.
  void add_target(ir::Target target) {
    add(ir::TableName::Filter, ir::Hook::Input, ir::Rule{.target = std::move(target)});
  }

  void set_commented(bool commented) { commented_ = commented; }
  void set_origin(std::string label) { origin_ = result_.add_origin(std::move(label)); }

  [[nodiscard]] ir::OriginId origin() const { return origin_; }
  ir::OriginId add_origin(std::string label) { return result_.add_origin(std::move(label)); }

  [[nodiscard]] ir::Table& table(ir::TableName name) { return result_.rules(family_).table(name); }
  [[nodiscard]] const ir::Ruleset& result() const { return result_; }
  [[nodiscard]] net::Family family() const { return family_; }

  static ir::Rule jump(ir::ChainId to) { return ir::Rule{.target = ir::JumpTarget{to}, .commented = false}; }

 private:
  net::Family family_;
  ir::Ruleset result_;
  ir::OriginId origin_;
  bool commented_ = false;
};

inline net::Address address(std::string_view text) { return *net::Address::parse(text); }
inline net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }

/// Every field of a rule, every match with each of its options, every target with each of its options, in one family.
inline ir::Ruleset every_rule(net::Family family) {
  using namespace ir;
  using net::PortRange, net::Protocol;
  using enum TableName;
  const bool ipv4 = family == net::Family::Ipv4;
  const Protocol icmp = ipv4 ? Protocol::Icmp : Protocol::Icmpv6;
  Builder b(family);

  // The fields.
  const std::vector<std::string> ipv4_prefixes{"192.0.2.0/24", "192.0.2.1/32", "0.0.0.0/1", "0.0.0.0/0"};
  const std::vector<std::string> ipv6_prefixes{"2001:db8::/32", "2001:db8::1/128",      "::/1",
                                               "::/0",          "::ffff:192.0.2.1/128", "fe80::/10"};
  for (const std::string& text : ipv4 ? ipv4_prefixes : ipv6_prefixes) {
    b.add_match({.source = prefix(text)});
    b.add_match({.destination = prefix(text)});
  }
  b.add_match({.in_interface = "eth1"});
  b.add_match({.in_interface = "ppp+"});
  b.add_match({.in_interface = "fifteen-letters"});
  b.add(Filter, Hook::Forward, {.in_interface = "eth0.7", .out_interface = "br-lan", .target = AcceptTarget{}});
  for (const int number : {1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 88, 89, 103, 112, 132, 200, 255})
    b.add_match({.protocol = static_cast<Protocol>(number)});
  if (ipv4) {
    b.add_match({.fragment = true});
    b.add_match({.protocol = Protocol::Udp, .fragment = true});
  }

  // The matches.
  const auto tcp = [&](TcpMatch match) { b.add_match({.protocol = Protocol::Tcp, .matches = {match}}); };
  tcp({});
  tcp({.source = {1024, 65535}, .destination = PortRange::one(80)});
  tcp({.source = PortRange::one(0), .destination = {0, 1023}});
  tcp({.flags = TcpFlags::syn()});
  tcp({.flags = TcpFlags::syn(), .flags_inverted = true});
  tcp({.flags = {TcpFlags::kAll, TcpFlags::kAll}});
  tcp({.destination = PortRange::one(443), .flags = {TcpFlags::kAll, 0}});
  tcp({.flags = {TcpFlags::kFin | TcpFlags::kSyn, TcpFlags::kFin | TcpFlags::kSyn}});
  b.add_match({.protocol = Protocol::Udp, .matches = {UdpMatch{}}});
  b.add_match(
      {.protocol = Protocol::Udp, .matches = {UdpMatch{.source = PortRange::one(67), .destination = {68, 69}}}});
  b.add_match({.protocol = icmp, .matches = {IcmpMatch{.type = 8, .code = {}}}});
  b.add_match({.protocol = icmp, .matches = {IcmpMatch{.type = 3, .code = 0}}});
  b.add_match({.protocol = icmp, .matches = {IcmpMatch{.type = 254, .code = 255}}});
  for (const unsigned states : {1u, 2u, 4u, 8u, 16u, 12u, 31u})
    b.add_match({.matches = {ConntrackMatch{static_cast<std::uint8_t>(states)}}});
  b.add_match({.matches = {ConnmarkMatch{.value = 0x11234000, .mask = 0x3ffff000}}});
  b.add_match({.matches = {ConnmarkMatch{.value = 0, .mask = 0x3ffff000, .inverted = true}}});
  b.add_match({.matches = {ConnmarkMatch{.value = 0}}});
  b.add_match({.matches = {ConnmarkMatch{.value = 0xffffffff, .inverted = true}}});
  b.add_match({.matches = {MarkMatch{.value = 0x80, .mask = 0xf0}}});
  b.add_match({.matches = {MarkMatch{.value = 7}}});
  b.add_match({.matches = {ClusterMatch{.total = 3, .first = 1, .last = 2}}});
  b.add_match({.matches = {ClusterMatch{.total = 6, .first = 5, .last = 5}}});
  // iptables-restore reads no mask of nodes above 32.
  b.add_match({.matches = {ClusterMatch{.total = 32, .first = 0, .last = 4}}});
  b.add_match({.matches = {LimitMatch{}}});
  for (const auto unit : {LimitMatch::Unit::Second, LimitMatch::Unit::Minute, LimitMatch::Unit::Hour})
    for (const std::uint32_t count : {1u, 2u, 3u, 7u, 30u, 60u, 777u, 3600u, 9999u, 10000u})
      b.add_match({.matches = {LimitMatch{.count = count, .unit = unit, .burst = count % 8 + 1}}});
  b.add_match({.matches = {LimitMatch{.count = 7, .unit = LimitMatch::Unit::Day, .burst = 5}}});
  b.add_match({.protocol = Protocol::Tcp,
               .matches = {TcpMatch{.flags = TcpFlags::syn()},
                           HashlimitMatch{.name = "syn-10-20",
                                          .per_second = 10,
                                          .burst = 20,
                                          .source_length = static_cast<std::uint8_t>(ipv4 ? 32 : 128)}}});
  b.add_match(
      {.matches = {HashlimitMatch{
           .name = "udp-15-5", .per_second = 15, .source_length = ipv4 ? std::uint8_t{24} : std::uint8_t{64}}}});
  b.add_match({.matches = {HashlimitMatch{.name = "udp-3000-7", .per_second = 3000, .burst = 7, .source_length = 32}}});
  b.add_match({.matches = {MacMatch{*net::MacAddress::parse("00:11:22:aa:bb:cc")}}});
  b.add(Raw, Hook::Prerouting, {.matches = {RpfilterMatch{}}, .target = DropTarget{}});
  b.add(Mangle, Hook::Prerouting, {.matches = {RpfilterMatch{}}, .target = DropTarget{}});
  if (!ipv4) b.add_match({.matches = {FragmentHeaderMatch{}}});
  using Side = AddrtypeMatch::Side;
  b.add_match({.matches = {AddrtypeMatch{.side = Side::Source}}});
  b.add_match({.matches = {AddrtypeMatch{.side = Side::Destination}}});
  b.add_match({.matches = {AddrtypeMatch{.side = Side::Destination, .limit_iface_in = true}}});
  b.add(Filter, Hook::Output,
        {.matches = {AddrtypeMatch{.side = Side::Source, .limit_iface_out = true}}, .target = DropTarget{}});

  // The targets.
  b.add_target(AcceptTarget{});
  b.add_target(DropTarget{});
  const ChainId foreign = b.table(Filter).chain_named("PRE-VRMR-INPUT", ChainKind::Foreign);
  const ChainId longest = b.table(Filter).chain_named("VRMR-a-name-of-28-characters");
  b.add_target(JumpTarget{foreign});
  b.add_target(GotoTarget{longest});
  b.add(Filter, Hook::Input, {.protocol = Protocol::Tcp, .target = GotoTarget{longest}});
  using With = RejectTarget::With;
  for (const auto with : {With::NetUnreachable, With::HostUnreachable, With::ProtoUnreachable, With::PortUnreachable,
                          With::NetProhibited, With::HostProhibited, With::AdminProhibited})
    b.add_target(RejectTarget{with});
  b.add(Filter, Hook::Input, {.protocol = Protocol::Tcp, .target = RejectTarget{With::TcpReset}});
  b.add_target(NflogTarget{});
  b.add_target(NflogTarget{.group = 9, .prefix = {}});
  b.add_target(NflogTarget{.group = 65535, .prefix = "vrmr: DROP in "});
  b.add_target(NflogTarget{.group = 0, .prefix = "plain"});
  b.add_target(NflogTarget{.group = 0, .prefix = R"(a "b" \c 'd')"});
  b.add_target(NflogTarget{.group = 0, .prefix = std::string(NflogTarget::kMaxPrefix, 'x')});
  for (const bool bypass : {false, true})
    for (const bool fanout : {false, true}) {
      b.add_target(NfqueueTarget{.first = 7, .last = 7, .bypass = bypass, .cpu_fanout = fanout});
      b.add_target(NfqueueTarget{.first = 0, .last = 3, .bypass = bypass, .cpu_fanout = fanout});
    }
  b.add_target(NfqueueTarget{.first = 65535, .last = 65535});
  // iptables 1.8.11 reads no range that ends at 65535.
  b.add_target(NfqueueTarget{.first = 1, .last = 65534});
  b.add_target(ConnmarkTarget{.value = 0x11234000, .mask = 0x3ffff000});
  b.add_target(ConnmarkTarget{.value = 0, .mask = 0x3ffff000});
  b.add(Mangle, Hook::Prerouting, {.target = MarkTarget{.value = 10}});
  b.add(Mangle, Hook::Prerouting, {.target = MarkTarget{.value = 0xa, .mask = 0xff}});
  b.add_target(MarkTarget{.value = 0xffffffff});
  const net::Address host = address(ipv4 ? "10.0.0.1" : "2001:db8::1");
  for (const bool random : {false, true}) {
    const auto nat = [&](Hook hook, std::optional<Protocol> protocol, Target target) {
      b.add(Nat, hook, {.protocol = protocol, .target = std::move(target)});
    };
    nat(Hook::Prerouting, {}, DnatTarget{.address = host, .ports = {}, .random = random});
    nat(Hook::Prerouting, Protocol::Tcp, DnatTarget{.address = host, .ports = PortRange::one(80), .random = random});
    nat(Hook::Output, Protocol::Udp, DnatTarget{.address = host, .ports = PortRange{80, 90}, .random = random});
    nat(Hook::Postrouting, {}, SnatTarget{.address = host, .random = random});
    nat(Hook::Postrouting, {}, MasqueradeTarget{.random = random});
    nat(Hook::Prerouting, Protocol::Tcp, RedirectTarget{.port = 3128, .random = random});
  }
  b.add(Raw, Hook::Prerouting,
        {.protocol = Protocol::Tcp,
         .matches = {TcpMatch{.destination = PortRange::one(21)}},
         .target = CtHelperTarget{"ftp"}});
  b.add(Mangle, Hook::Forward,
        {.protocol = Protocol::Tcp,
         .matches = {TcpMatch{.flags = {TcpFlags::kSyn | TcpFlags::kRst, TcpFlags::kSyn}}},
         .target = TcpmssTarget{}});

  // Comments.
  b.set_commented(true);
  b.add_target(AcceptTarget{});
  for (const char* label :
       {"plain_label-1", "-x", "it's \"quoted\" \\ and\ttabbed\n", "naïve é: 50% $HOME `x` a,b;c", "(#1)"}) {
    b.set_origin(label);
    b.add_target(AcceptTarget{});
  }
  b.set_origin(std::string(300, 'y'));
  b.add(Filter, Hook::Forward,
        {.in_interface = "eth0",
         .out_interface = "eth1",
         .source = prefix(ipv4 ? "10.0.0.0/8" : "2001:db8:1::/48"),
         .destination = prefix(ipv4 ? "192.0.2.7/32" : "2001:db8::7/128"),
         .protocol = Protocol::Tcp,
         .matches = {TcpMatch{.destination = PortRange::one(80)}, ConntrackMatch{kCtNew},
                     LimitMatch{.count = 4, .unit = LimitMatch::Unit::Minute, .burst = 8}},
         .target = NfqueueTarget{.first = 3, .last = 3}});
  b.table(Filter).chain(b.table(Filter).builtin(Hook::Forward)).policy_drop = true;
  return b.result();
}

/// A set of each key in every form, and rules that ask them and their inverses.
inline ir::Ruleset every_set(net::Family family) {
  using namespace ir;
  const bool ipv4 = family == net::Family::Ipv4;
  Builder b(family);
  const auto hosts = ipv4 ? std::vector<std::string>{"192.0.2.1", "192.0.2.2", "198.51.100.9"}
                          : std::vector<std::string>{"2001:db8::1", "2001:db8::2", "2001:db8:9::9"};
  const auto networks = ipv4 ? std::vector<std::string>{"10.0.0.0/8", "11.0.0.0/8", "192.0.2.128/25", "255.0.0.0/8"}
                             : std::vector<std::string>{"2001:db8::/33", "2001:db8:8000::/33", "fd00::/8", "ff00::/8"};
  const std::vector<ProtocolPort> ports{{net::Protocol::Tcp, 80}, {net::Protocol::Udp, 53}};
  const OriginId other = b.add_origin("rule 2: accept domain");
  std::vector<Set> sets;
  for (const SetKey key : {SetKey::Source, SetKey::Destination, SetKey::SourcePort, SetKey::DestinationPort,
                           SetKey::SourceDestination, SetKey::SourcePortDestination})
    for (const bool counted : {false, true})
      for (const auto& addresses : {hosts, networks}) {
        Set set{.family = family, .key = key, .is_counted = counted};
        for (std::size_t i = 0; i < addresses.size(); ++i) {
          SetElement element{.origin = i % 2 == 0 ? b.origin() : other};
          if (has_source(key)) element.source = prefix(addresses[i]);
          if (has_destination(key)) element.destination = prefix(addresses[addresses.size() - 1 - i]);
          if (has_port(key)) element.port = ports[i % ports.size()];
          set.elements.push_back(element);
        }
        set.name = set_name(set, counted ? "counted" : "plain");
        sets.push_back(set);
        for (const bool inverted : {false, true})
          b.add(TableName::Filter, Hook::Forward,
                {.matches = {SetMatch{.set = set.name, .key = key, .inverted = inverted}},
                 .target = DropTarget{},
                 .commented = !counted});
      }
  Ruleset ruleset = b.result();
  ruleset.sets = std::move(sets);
  return ruleset;
}

}  // namespace vuurmuur::backend_test
