// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/verify.h"

#include <chrono>

#include "ir/marks.h"
#include "support/catch.h"

namespace vuurmuur::ir {
namespace {

using net::PortRange, net::Protocol;
using Problems = std::vector<std::string>;

/// A ruleset with one own chain in a table, reached from a hook, that holds one rule. The rule's origin exists.
Ruleset with(TableName table_name, Hook hook, Rule rule, net::Family family = net::Family::Ipv4) {
  Ruleset ruleset;
  ruleset.add_origin("rule 1");
  Table& table = ruleset.rules(family).table(table_name);
  const ChainId chain = table.chain_named("VRMR-X");
  table.append(table.builtin(hook), Rule{.target = JumpTarget{chain}});
  table.append(chain, std::move(rule));
  return ruleset;
}

Ruleset in_filter(Rule rule, net::Family family = net::Family::Ipv4) {
  return with(TableName::Filter, Hook::Input, std::move(rule), family);
}

Problems verify(const Ruleset& ruleset) { return ir::verify(ruleset, MarkLayout::kDefaultMask); }

net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }
net::Address address(std::string_view text) { return *net::Address::parse(text); }

/// What is wrong with the one rule, without the place in front.
struct Case {
  Ruleset ruleset;
  std::string problem;
};

}  // namespace

TEST_CASE("an empty ruleset and a plain one are well formed") {
  CHECK(verify(Ruleset{}) == Problems{});
  CHECK(verify(in_filter({.in_interface = "eth0",
                          .source = prefix("10.0.0.0/8"),
                          .protocol = Protocol::Tcp,
                          .matches = {TcpMatch{.destination = PortRange::one(80)}, ConntrackMatch{kCtNew}},
                          .target = AcceptTarget{}})) == Problems{});
}

TEST_CASE("a rule that cannot stand is told with its place") {
  using enum TableName;
  const TcpMatch syn{.flags = TcpFlags::syn()};
  const auto queue = [](std::uint16_t first, std::uint16_t last) {
    return in_filter({.target = NfqueueTarget{.first = first, .last = last}});
  };
  const auto nat = [](Hook hook, Target target, std::optional<Protocol> protocol = Protocol::Tcp) {
    return with(Nat, hook, {.protocol = protocol, .target = std::move(target)});
  };
  const std::vector<Case> cases{
      {in_filter({.source = prefix("2001:db8::/32")}), "its source 2001:db8::/32 is of the other family"},
      {in_filter({.destination = prefix("10.0.0.1/8")}), "its destination 10.0.0.1/8 is not in network form"},
      {in_filter({.out_interface = "eth0"}), "-o cannot be reached from INPUT"},
      {with(Filter, Hook::Output, {.in_interface = "eth0"}), "-i cannot be reached from OUTPUT"},
      {in_filter({.in_interface = "sixteen-letters-"}), "the name of its interface is too long"},
      {in_filter({.in_interface = "eth 0"}), "iptables does not take the name of its interface"},
      {in_filter({.protocol = Protocol{}}), "protocol 0 means every protocol to the kernel"},
      {in_filter({.origin = static_cast<OriginId>(1)}), "its origin does not exist"},
      {in_filter({.matches = {syn}}), "tcp match without protocol tcp"},
      {in_filter({.protocol = Protocol::Tcp, .matches = {UdpMatch{}}}), "udp match without protocol udp"},
      {in_filter({.protocol = Protocol::Icmpv6, .matches = {IcmpMatch{.type = 8}}}),
       "icmp match without protocol icmp"},
      {in_filter({.protocol = Protocol::Icmp, .matches = {IcmpMatch{.type = 255}}}),
       "icmp type 255 means every type to iptables"},
      {in_filter({.protocol = Protocol::Udp, .matches = {UdpMatch{.source = {2, 1}}}}), "a port range is not in order"},
      {in_filter({.protocol = Protocol::Tcp, .matches = {TcpMatch{.flags = {TcpFlags::kSyn, TcpFlags::kAck}}}}),
       "it wants TCP flags that it does not look at"},
      {in_filter({.matches = {ConntrackMatch{}}}), "a conntrack match without a known state"},
      {in_filter({.matches = {ConnmarkMatch{.value = 0x100, .mask = 0xff}}}),
       "a connmark match wants bits that it does not look at"},
      {in_filter({.matches = {MarkMatch{.value = 0x100, .mask = 0xff}}}),
       "a mark match wants bits that it does not look at"},
      {in_filter({.matches = {ClusterMatch{.total = 33, .first = 0, .last = 1}}}),
       "a cluster match has too many nodes"},
      {in_filter({.matches = {ClusterMatch{.total = 3, .first = 2, .last = 3}}}), "a cluster match has no such nodes"},
      {in_filter({.matches = {LimitMatch{.count = 0}}}), "a limit of nothing"},
      {in_filter({.matches = {HashlimitMatch{}}}), "the name of a hashlimit has a wrong length"},
      {in_filter({.matches = {HashlimitMatch{.name = "x", .source_length = 33}}}),
       "a hashlimit's source length is too long"},
      {with(Filter, Hook::Output, {.matches = {MacMatch{}}}), "mac match cannot be reached from OUTPUT"},
      {in_filter({.matches = {RpfilterMatch{}}}), "rpfilter match does not stand in table raw or mangle"},
      {in_filter({.matches = {FragmentHeaderMatch{}}}), "frag match exists in IPv6 only"},
      {in_filter({.matches = {AddrtypeMatch{.limit_iface_out = true}}}),
       "addrtype --limit-iface-out cannot be reached from INPUT"},
      {in_filter({.target = GotoTarget{static_cast<ChainId>(17)}}), "its chain does not exist"},
      {in_filter({.target = JumpTarget{static_cast<ChainId>(1)}}), "it jumps to a built-in chain"},
      {with(Mangle, Hook::Input, {.target = RejectTarget{}}), "REJECT does not stand in table filter"},
      {in_filter({.target = RejectTarget{RejectTarget::With::TcpReset}}), "a TCP reset without protocol tcp"},
      {in_filter({.target = NflogTarget{.prefix = std::string(64, 'x')}}), "the prefix of NFLOG is too long"},
      {in_filter({.target = NflogTarget{.prefix = "a\nb"}}), "the prefix of NFLOG has a control character"},
      {queue(2, 1), "the queues of NFQUEUE are not in order"},
      {queue(0, 65535), "NFQUEUE cannot balance over all 65536 queues"},
      {in_filter({.target = ConnmarkTarget{.value = 0, .mask = 0x7ffff000}}),
       "CONNMARK writes bits of the connection mark that are not ours"},
      {in_filter({.target = ConnmarkTarget{.value = 1, .mask = 0}}),
       "CONNMARK writes bits of the connection mark that are not ours"},
      {in_filter({.target = CtHelperTarget{"ftp"}}), "CT does not stand in table raw"},
      {with(Raw, Hook::Prerouting, {.target = CtHelperTarget{}}), "the name of a helper has a wrong length"},
      {nat(Hook::Postrouting, DnatTarget{.address = address("10.0.0.1")}), "DNAT cannot be reached from POSTROUTING"},
      {nat(Hook::Prerouting, DnatTarget{.address = address("::1")}), "DNAT to ::1 is of the other family"},
      {nat(Hook::Prerouting, DnatTarget{.address = address("10.0.0.1"), .ports = PortRange::one(1)}, Protocol::Gre),
       "DNAT to ports without a protocol that has ports"},
      {nat(Hook::Prerouting, SnatTarget{.address = address("10.0.0.1")}), "SNAT cannot be reached from PREROUTING"},
      {nat(Hook::Output, MasqueradeTarget{}), "MASQUERADE cannot be reached from OUTPUT"},
      {nat(Hook::Input, RedirectTarget{.port = 1}), "REDIRECT cannot be reached from INPUT"},
      {nat(Hook::Prerouting, RedirectTarget{.port = 1}, {}), "REDIRECT without a protocol that has ports"},
      {with(Mangle, Hook::Prerouting, {.target = MasqueradeTarget{}}), "MASQUERADE does not stand in table nat"},
      {with(Mangle, Hook::Forward, {.protocol = Protocol::Tcp, .target = TcpmssTarget{}}),
       "TCPMSS without a match of the SYN flag"},
      {with(Mangle, Hook::Input, {.protocol = Protocol::Tcp, .matches = {syn}, .target = TcpmssTarget{}}),
       "TCPMSS cannot be reached from INPUT"},
  };
  for (const Case& c : cases) {
    const Problems problems = verify(c.ruleset);
    INFO(c.problem);
    REQUIRE_FALSE(problems.empty());
    CHECK(problems.front().ends_with(" VRMR-X rule 1: " + c.problem));
  }
  CHECK(verify(queue(2, 1)) == Problems{"ipv4 filter VRMR-X rule 1: the queues of NFQUEUE are not in order"});
  CHECK(verify(in_filter({.protocol = Protocol::Udp, .fragment = true}, net::Family::Ipv6)) ==
        Problems{"ipv6 filter VRMR-X rule 1: -f exists in IPv4 only"});
}

TEST_CASE("hooks are looked at along all jumps") {
  Ruleset ruleset = in_filter({.target = DropTarget{}});
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  const ChainId x = *filter.find("VRMR-X"), y = filter.chain_named("VRMR-Y");
  filter.append(x, Rule{.target = GotoTarget{y}});
  filter.append(y, Rule{.out_interface = "eth0"});
  CHECK(verify(ruleset) == Problems{"ipv4 filter VRMR-Y rule 1: -o cannot be reached from INPUT"});
}

TEST_CASE("a chain that nothing leads to may hold any condition") {
  Ruleset ruleset = in_filter({.target = DropTarget{}});
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  filter.append(filter.chain_named("VRMR-Y"), Rule{.in_interface = "eth1", .out_interface = "eth0"});
  CHECK(verify(ruleset) == Problems{});
}

TEST_CASE("jumps that lead back are found") {
  Ruleset ruleset = in_filter({.target = DropTarget{}});
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  const ChainId x = *filter.find("VRMR-X"), y = filter.chain_named("VRMR-Y");
  filter.append(x, Rule{.target = JumpTarget{y}});
  filter.append(y, Rule{.target = GotoTarget{x}});
  CHECK(verify(ruleset) == Problems{"ipv4 filter VRMR-X: jumps lead back to it"});
}

TEST_CASE("a chain reached in two ways is no loop") {
  Ruleset ruleset = in_filter({.target = DropTarget{}});
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  const ChainId x = *filter.find("VRMR-X"), y = filter.chain_named("VRMR-Y"), z = filter.chain_named("VRMR-Z");
  filter.append(x, Rule{.target = JumpTarget{y}});
  filter.append(x, Rule{.target = JumpTarget{z}});
  filter.append(y, Rule{.target = JumpTarget{z}});
  CHECK(verify(ruleset) == Problems{});
}

TEST_CASE("built-in chains hold only jumps to own chains") {
  Ruleset ruleset = in_filter({.target = DropTarget{}});
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  const ChainId input = filter.builtin(Hook::Input);
  filter.append(input, Rule{.target = AcceptTarget{}});
  filter.append(input, Rule{.target = JumpTarget{filter.chain_named("PRE-VRMR-INPUT", ChainKind::Foreign)}});
  CHECK(verify(ruleset) == Problems{"ipv4 filter INPUT rule 2: a built-in chain holds only jumps to own chains",
                                    "ipv4 filter INPUT rule 3: a built-in chain holds only jumps to own chains"});
}

TEST_CASE("names of chains tell whose they are and fit the kernel") {
  Ruleset ruleset;
  Table& filter = ruleset.ipv4.table(TableName::Filter);
  filter.chain_named("MINE");
  filter.chain_named("!his chain", ChainKind::Foreign);
  filter.chain_named("VRMR-THEIRS", ChainKind::Foreign);
  filter.chain_named("VRMR-a-name-of-28-characters");
  filter.chain_named("VRMR-a-name-of-29-characters-");
  const ChainId foreign = filter.chain_named("docker", ChainKind::Foreign);
  ruleset.add_origin("rule 1");
  filter.append(foreign, Rule{.target = DropTarget{}});
  filter.chain(*filter.find("VRMR-a-name-of-28-characters")).policy_drop = true;
  const ChainId twice = filter.chain_named("VRMR-A");
  filter.chain(filter.chain_named("VRMR-B")).name = filter.chain(twice).name;
  CHECK(verify(ruleset) ==
        Problems{"ipv4 filter VRMR-a-name-of-28-characters: only a built-in chain has a hook and a policy",
                 "ipv4 filter MINE: the name of an own chain lacks the prefix",
                 "ipv4 filter !his chain: iptables does not take that name",
                 "ipv4 filter VRMR-THEIRS: a foreign chain has a name of ours",
                 "ipv4 filter VRMR-a-name-of-29-characters-: the name has a wrong length",
                 "ipv4 filter docker: a foreign chain has rules", "ipv4 filter VRMR-A: the name is used twice"});
}

TEST_CASE("a long line of chains is verified without a deep stack, in time in proportion to it") {
  const auto seconds_for = [](std::size_t length) {
    Ruleset ruleset = in_filter({.target = DropTarget{}});
    Table& filter = ruleset.ipv4.table(TableName::Filter);
    ChainId last = *filter.find("VRMR-X");
    for (std::size_t i = 0; i < length; ++i) {
      const ChainId next = filter.chain_named("VRMR-" + std::to_string(i));
      filter.append(last, Rule{.target = GotoTarget{next}});
      last = next;
    }
    const auto start = std::chrono::steady_clock::now();
    CHECK(verify(ruleset) == Problems{});
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  (void)seconds_for(1'000);  // warm up
  // Generous: a quadratic walk would take 400 times as long, not 20.
  CHECK(seconds_for(200'000) < 200 * seconds_for(10'000));
}

}  // namespace vuurmuur::ir
