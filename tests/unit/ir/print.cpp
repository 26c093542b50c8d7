// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/print.h"

#include <functional>
#include <map>

#include "support/catch.h"

namespace vuurmuur::ir {
namespace {

using net::PortRange, net::Protocol;

net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }
net::Address address(std::string_view text) { return *net::Address::parse(text); }

}  // namespace

TEST_CASE("an empty ruleset prints nothing") { CHECK(print(Ruleset{}) == ""); }

TEST_CASE("a ruleset prints one rule a line with its origin") {
  Ruleset ruleset;
  const OriginId http = ruleset.add_origin("rule 12: accept http", "rules/rules.conf:12");
  const OriginId protection = ruleset.add_origin("protection: \"bad\" flags");
  ruleset.add_origin("unused");
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  const ChainId input = filter.chain_named("VRMR-INPUT"),
                user = filter.chain_named("PRE-VRMR-INPUT", ChainKind::Foreign);
  filter.chain(filter.builtin(Hook::Forward)).policy_drop = true;
  filter.append(filter.builtin(Hook::Input), {.target = JumpTarget{input}, .origin = protection, .commented = false});
  filter.append(input, {.target = JumpTarget{user}, .origin = protection});
  filter.append(input, {.in_interface = "eth1",
                        .source = prefix("192.0.2.0/24"),
                        .protocol = Protocol::Tcp,
                        .matches = {TcpMatch{.destination = PortRange::one(80), .flags = TcpFlags::syn()},
                                    ConntrackMatch{kCtNew | kCtRelated}},
                        .target = AcceptTarget{},
                        .origin = http});
  filter.append(input, {.fragment = true, .target = DropTarget{}, .origin = protection});
  Table& nat = ruleset.ipv6.table(TableName::Nat);
  nat.append(nat.chain_named("VRMR-POSTROUTING"),
             {.out_interface = "ppp+", .target = MasqueradeTarget{.random = true}, .origin = http});
  ruleset.sysctls = {{"net/ipv4/ip_forward", "1", true}, {"net/ipv4/tcp_ecn", "0", false}};
  ruleset.blocked = {prefix("203.0.113.9/32")};
  CHECK(print(ruleset) ==
        R"(ipv4 filter
  chain builtin "INPUT"
    -> jump "VRMR-INPUT"  ; 1 "protection: \"bad\" flags"
  chain builtin "FORWARD" policy drop
  chain own "VRMR-INPUT"
    -> jump "PRE-VRMR-INPUT" commented  ; 1 "protection: \"bad\" flags"
    in="eth1" from=192.0.2.0/24 proto=tcp tcp( dport=80:80 flags=0x02/0x17 ) state( new related ) -> accept commented  ; 0 "rule 12: accept http" "rules/rules.conf:12"
    fragment -> drop commented  ; 1 "protection: \"bad\" flags"
  chain foreign "PRE-VRMR-INPUT"
ipv6 nat
  chain own "VRMR-POSTROUTING"
    out="ppp+" -> masquerade random commented  ; 0 "rule 12: accept http" "rules/rules.conf:12"
sysctl after "net/ipv4/ip_forward" "1"
sysctl before "net/ipv4/tcp_ecn" "0"
blocked 203.0.113.9/32
unused origin 2 "unused"
)");
}

TEST_CASE("every match and target has its words") {
  const auto line = [](Match match) {
    Ruleset ruleset;
    Table& filter = ruleset.ipv4.table(TableName::Filter);
    filter.append(filter.chain_named("VRMR-X"),
                  {.matches = {std::move(match)}, .target = DropTarget{}, .commented = false});
    const std::string text = print(ruleset);
    const std::size_t start = text.rfind("    ") + 4;
    return text.substr(start, text.find(" -> ") - start);
  };
  CHECK(line(TcpMatch{.source = {1, 2}, .flags = TcpFlags::syn(), .flags_inverted = true}) ==
        "tcp( sport=1:2 flags=0x02/0x17 inverted )");
  CHECK(line(UdpMatch{.source = PortRange::one(67), .destination = {68, 69}}) == "udp( sport=67:67 dport=68:69 )");
  CHECK(line(IcmpMatch{.type = 8}) == "icmp( type=8 )");
  CHECK(line(IcmpMatch{.type = 3, .code = 4}) == "icmp( type=3 code=4 )");
  CHECK(line(ConntrackMatch{63}) == "state( invalid new established related untracked 0x20 )");
  CHECK(line(ConnmarkMatch{.value = 1, .mask = 3, .inverted = true}) == "connmark( not 0x1/0x3 )");
  CHECK(line(LimitMatch{.count = 4, .unit = LimitMatch::Unit::Minute, .burst = 8}) == "limit( 4/minute burst=8 )");
  CHECK(line(MarkMatch{.value = 0x80, .mask = 0xf0}) == "mark( 0x80/0xf0 )");
  CHECK(line(ClusterMatch{.total = 3, .first = 1, .last = 2}) == "cluster( 1-2 of 3 )");
  CHECK(line(HashlimitMatch{.name = "syn", .per_second = 10, .burst = 20, .source_length = 24}) ==
        "hashlimit( name=\"syn\" above=10/second burst=20 source-length=24 )");
  CHECK(line(MacMatch{*net::MacAddress::parse("00:11:22:aa:bb:cc")}) == "mac( 00:11:22:aa:bb:cc )");
  CHECK(line(RpfilterMatch{}) == "rpfilter()");
  CHECK(line(FragmentHeaderMatch{}) == "fragment-header()");
  CHECK(line(AddrtypeMatch{.side = AddrtypeMatch::Side::Source, .limit_iface_in = true}) ==
        "local( source on-incoming )");

  const auto end = [](Target target) {
    Ruleset ruleset;
    Table& filter = ruleset.ipv4.table(TableName::Filter);
    filter.append(filter.chain_named("VRMR-X"), {.target = std::move(target), .commented = false});
    const std::string text = print(ruleset);
    const std::size_t start = text.find(" -> ") + 4;
    return text.substr(start, text.find("  ; ") - start);
  };
  CHECK(end(GotoTarget{static_cast<ChainId>(3)}) == "goto \"VRMR-X\"");
  CHECK(end(JumpTarget{static_cast<ChainId>(9)}) == "jump missing 9");
  CHECK(end(RejectTarget{RejectTarget::With::AdminProhibited}) == "reject admin-prohibited");
  CHECK(end(NflogTarget{.group = 3, .prefix = "a\tb"}) == "nflog 3 \"a\\x09b\"");
  CHECK(end(NfqueueTarget{.first = 1, .last = 4, .bypass = true, .cpu_fanout = true}) == "nfqueue 1:4 bypass fanout");
  CHECK(end(ConnmarkTarget{.value = 0x11234000, .mask = 0x3ffff000}) == "connmark 0x11234000/0x3ffff000");
  CHECK(end(MarkTarget{.value = 10}) == "mark 0xa/0xffffffff");
  CHECK(end(DnatTarget{.address = address("2001:db8::1"), .ports = PortRange{80, 81}, .random = true}) ==
        "dnat 2001:db8::1 ports=80:81 random");
  CHECK(end(SnatTarget{.address = address("192.0.2.1")}) == "snat 192.0.2.1");
  CHECK(end(RedirectTarget{.port = 3128}) == "redirect 3128");
  CHECK(end(CtHelperTarget{"ftp"}) == "helper \"ftp\"");
  CHECK(end(TcpmssTarget{}) == "tcpmss");
}

TEST_CASE("rulesets that differ in anything print differently") {
  // Each change is made to a ruleset of its own; no two texts may be the same.
  const auto base = [] {
    Ruleset ruleset;
    ruleset.add_origin("a", "b");
    ruleset.add_origin("a", "b");
    Table& filter = ruleset.ipv4.table(TableName::Filter);
    filter.append(filter.chain_named("VRMR-X"), Rule{.in_interface = "a"});
    filter.chain_named("VRMR-Y");
    return ruleset;
  };
  const auto rule = [](Ruleset& r) -> Rule& {
    return r.ipv4.table(TableName::Filter).chain(static_cast<ChainId>(3)).rules[0];
  };
  const std::vector<std::function<void(Ruleset&)>> changes{
      [](Ruleset&) {},
      [&](Ruleset& r) { rule(r).in_interface = "a\" out=\"b"; },
      [&](Ruleset& r) { rule(r).out_interface = "b"; },
      [&](Ruleset& r) { rule(r).source = prefix("0.0.0.0/0"); },
      [&](Ruleset& r) { rule(r).source = prefix("::/0"); },
      [&](Ruleset& r) { rule(r).destination = prefix("0.0.0.0/0"); },
      [&](Ruleset& r) { rule(r).protocol = Protocol{}; },
      [&](Ruleset& r) { rule(r).fragment = true; },
      [&](Ruleset& r) { rule(r).commented = false; },
      [&](Ruleset& r) { rule(r).origin = static_cast<OriginId>(1); },
      [&](Ruleset& r) { rule(r).matches = {TcpMatch{}}; },
      [&](Ruleset& r) {
        rule(r).matches = {TcpMatch{}, TcpMatch{}};
      },
      [&](Ruleset& r) {
        rule(r).matches = {TcpMatch{.flags = {0, 1}}};
      },
      [&](Ruleset& r) { rule(r).matches = {IcmpMatch{.code = 0}}; },
      [&](Ruleset& r) { rule(r).matches = {IcmpMatch{}}; },
      [&](Ruleset& r) { rule(r).target = DropTarget{}; },
      [&](Ruleset& r) { rule(r).target = GotoTarget{static_cast<ChainId>(4)}; },
      [](Ruleset& r) { r.ipv4.table(TableName::Filter).chain_named("VRMR-Z"); },
      [](Ruleset& r) { r.ipv4.table(TableName::Filter).chain_named("VRMR-Z", ChainKind::Foreign); },
      [](Ruleset& r) { r.ipv6.table(TableName::Filter).chain_named("VRMR-Z"); },
      [](Ruleset& r) { r.ipv4.table(TableName::Raw).chain(static_cast<ChainId>(0)).policy_drop = true; },
      [](Ruleset& r) { r.add_origin("c"); },
      [](Ruleset& r) { r.origins[1].place = "c"; },
      [](Ruleset& r) {
        r.sysctls.push_back({"a", "b", false});
      },
      [](Ruleset& r) {
        r.sysctls.push_back({"a", "b", true});
      },
      [](Ruleset& r) { r.blocked.push_back(prefix("10.0.0.0/8")); },
  };
  std::map<std::string, std::size_t> texts;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Ruleset ruleset = base();
    changes[i](ruleset);
    const auto [same, fresh] = texts.emplace(print(ruleset), i);
    INFO("changes " << same->second << " and " << i);
    CHECK(fresh);
  }
}

}  // namespace vuurmuur::ir
