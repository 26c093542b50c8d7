// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/evaluate.h"

#include <map>

#include "ir/verify.h"
#include "support/catch.h"

namespace vuurmuur::ir {
namespace {

using Verdict = Decision::Verdict;

net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }
net::Address address(std::string_view text) { return *net::Address::parse(text); }

/// A filter table with policy DROP, whose FORWARD leads to VRMR-F, and an evaluator of it.
class Filter {
 public:
  Filter() {
    table().chain(table().builtin(Hook::Forward)).policy_drop = true;
    no_line_ = ruleset_.add_origin("by itself");
    first_ = chain("VRMR-F");
    table().append(table().builtin(Hook::Forward), {.target = JumpTarget{first_}, .origin = no_line_});
  }

  ChainId chain(const char* name) { return table().chain_named(name); }
  ChainId foreign(const char* name, ForeignChain what) {
    foreign_[name] = what;
    return table().chain_named(name, ChainKind::Foreign);
  }
  /// A rule of a line of the policy, at the end of VRMR-F; its origin.
  OriginId add(Rule rule) { return add(first_, std::move(rule)); }
  OriginId add(ChainId to, Rule rule) {
    rule.origin = ruleset_.add_origin("rule", "rules.conf:1");
    const OriginId origin = rule.origin;
    table().append(to, std::move(rule));
    return origin;
  }
  /// One that the compiler made by itself.
  void add_own(ChainId to, Rule rule) {
    rule.origin = no_line_;
    table().append(to, std::move(rule));
  }
  SetMatch add_set(SetKey key, std::vector<SetElement> elements, bool is_counted = false) {
    Set set{.key = key, .is_counted = is_counted, .elements = std::move(elements)};
    set.name = set_name(set, std::to_string(ruleset_.sets.size()));
    ruleset_.sets.push_back(set);
    return {.set = set.name, .key = key};
  }
  OriginId origin() { return ruleset_.add_origin("rule", "rules.conf:2"); }

  Evaluator evaluator() {
    CHECK(verify(ruleset_, MarkLayout{}.mask()).empty());
    return Evaluator(
        ruleset_, {.foreign = [this](net::Family, std::string_view name) { return foreign_.at(std::string(name)); }});
  }

  /// From eth0 to eth1: tcp 10.0.0.1:40000 > 10.1.0.1:80.
  Decision decide(const std::function<void(Opening&)>& change = {}) {
    Evaluator asked = evaluator();
    Opening opening = web(asked);
    if (change) change(opening);
    return asked.decide(opening);
  }

  static Opening web(Evaluator& asked) {
    return {.hook = Hook::Forward,
            .in = asked.device("eth0"),
            .out = asked.device("eth1"),
            .source = address("10.0.0.1"),
            .destination = address("10.1.0.1"),
            .source_port = 40000,
            .destination_port = 80};
  }

 private:
  Table& table() { return ruleset_.ipv4.table(TableName::Filter); }
  Ruleset ruleset_;
  OriginId no_line_{};
  ChainId first_{};
  std::map<std::string, ForeignChain> foreign_;
};

Rule web_rule(Target target) {
  return {.protocol = net::Protocol::Tcp,
          .matches = {TcpMatch{.destination = net::PortRange::one(80)}},
          .target = std::move(target)};
}

Rule limited(Target target) { return {.matches = {LimitMatch{}}, .target = std::move(target)}; }

ConnmarkTarget field_of(MarkField field) { return {MarkLayout{}.encode(field), MarkLayout{}.mask()}; }

Decision refused(Verdict verdict, std::optional<OriginId> origin) {
  return {.fate = Fate::Refused, .verdict = verdict, .field = {}, .origin = origin};
}
Decision admitted(std::uint32_t field, OriginId origin, Verdict verdict = Verdict::Accept) {
  return {.fate = Fate::Admitted, .verdict = verdict, .field = field, .origin = origin};
}

}  // namespace

TEST_CASE("what no rule takes meets the policy") {
  Filter filter;
  CHECK(filter.decide() == refused(Verdict::Drop, {}));
  CHECK(filter.decide([](Opening& o) { o.hook = Hook::Input; }).fate == Fate::Admitted);
}

TEST_CASE("the first rule whose conditions all hold decides, and is told") {
  Filter filter;
  filter.add({.in_interface = "eth2", .target = DropTarget{}});
  filter.add({.source = prefix("10.0.0.2/32"), .target = DropTarget{}});
  filter.add({.destination = prefix("10.1.0.0/31"), .protocol = net::Protocol::Udp, .target = DropTarget{}});
  const OriginId decides = filter.add(web_rule(AcceptTarget{}));
  const OriginId later = filter.add({.target = RejectTarget{}});
  CHECK(filter.decide() == admitted(0, decides));
  CHECK(filter.decide([](Opening& o) { o.destination_port = 81; }) == refused(Verdict::Reject, later));
}

TEST_CASE("rules that no opening packet meets are passed over") {
  Filter filter;
  filter.add({.matches = {ConntrackMatch{kCtEstablished | kCtRelated}}, .target = DropTarget{}});
  filter.add({.matches = {ConntrackMatch{kCtInvalid}}, .target = DropTarget{}});
  filter.add({.protocol = net::Protocol::Tcp,
              .matches = {TcpMatch{.flags = TcpFlags::syn(), .flags_inverted = true}},
              .target = DropTarget{}});
  filter.add({.fragment = true, .target = DropTarget{}});
  filter.add({.matches = {HashlimitMatch{.name = "x"}}, .target = DropTarget{}});
  filter.add({.matches = {ConnmarkMatch{0x10000000, 0x30000000}}, .target = DropTarget{}});
  const OriginId decides = filter.add({.matches = {ConntrackMatch{kCtNew}}, .target = AcceptTarget{}});
  CHECK(filter.decide() == admitted(0, decides));
}

TEST_CASE("a queue is known by the field that the chain behind the rule writes") {
  Filter filter;
  const ChainId queue = filter.chain("VRMR-NEWQ7");
  filter.add_own(queue, {.target = field_of({MarkKind::Queued, 7})});
  filter.add_own(queue, {.target = NfqueueTarget{7, 7}});
  const OriginId rule = filter.add(web_rule(GotoTarget{queue}));
  CHECK(filter.decide() == admitted(0x10007000, rule, Verdict::Queue));
}

TEST_CASE("a jump comes back behind itself and a goto behind the jump that led to its chain") {
  Filter filter;
  const ChainId outer = filter.chain("VRMR-OUTER"), inner = filter.chain("VRMR-INNER");
  filter.add({.target = JumpTarget{outer}});
  filter.add(outer, {.target = GotoTarget{inner}});
  filter.add(outer, {.target = DropTarget{}});
  filter.add(inner, {.source = prefix("10.9.0.0/16"), .target = DropTarget{}});
  const OriginId behind = filter.add({.target = AcceptTarget{}});
  CHECK(filter.decide() == admitted(0, behind));
}

TEST_CASE("a limit decides nothing by itself") {
  Filter filter;
  SECTION("what follows ends alike") {
    const OriginId limit = filter.add(limited(DropTarget{}));
    filter.add({.target = RejectTarget{}});
    CHECK(filter.decide() == refused(Verdict::Drop, limit));
  }
  SECTION("what follows ends otherwise") {
    filter.add(limited(AcceptTarget{}));
    CHECK(filter.decide().fate == Fate::Depends);
  }
  SECTION("in a chain that it may leave") {
    const ChainId chain = filter.chain("VRMR-R1");
    filter.add(chain, limited(DropTarget{}));
    filter.add({.target = JumpTarget{chain}});
    CHECK(filter.decide().fate == Fate::Refused);
    filter.add({.target = AcceptTarget{}});
    CHECK(filter.decide().fate == Fate::Depends);
  }
  SECTION("of a log record") {
    filter.add(limited(NflogTarget{}));
    const OriginId behind = filter.add({.target = AcceptTarget{}});
    CHECK(filter.decide() == admitted(0, behind));
  }
  SECTION("of one queue or another") {
    const ChainId queue = filter.chain("VRMR-NEWQ7");
    filter.add_own(queue, {.target = field_of({MarkKind::Queued, 7})});
    filter.add_own(queue, {.target = NfqueueTarget{7, 7}});
    filter.add(limited(GotoTarget{queue}));
    filter.add({.target = AcceptTarget{}});
    const Decision decision = filter.decide();
    CHECK(decision.fate == Fate::Admitted);
    CHECK(!decision.field);
  }
  SECTION("a mark that may have been written is not known, and one that is written over is") {
    filter.add(limited(field_of({MarkKind::Queued, 7})));
    filter.add({.matches = {ConnmarkMatch{0x10007000, 0x3ffff000}}, .target = DropTarget{}});
    filter.add({.target = field_of({MarkKind::Logged, 3})});
    filter.add({.target = AcceptTarget{}});
    CHECK(filter.decide().fate == Fate::Depends);
  }
}

TEST_CASE("a chain that surely ends keeps the packet even when it was surely entered behind a limit") {
  Filter filter;
  const ChainId chain = filter.chain("VRMR-X");
  filter.add(chain, limited(DropTarget{}));
  filter.add(chain, {.target = DropTarget{}});
  filter.add({.target = JumpTarget{chain}});
  filter.add({.target = AcceptTarget{}});
  CHECK(filter.decide().fate == Fate::Refused);
}

TEST_CASE("a MAC address, an unknown device and other bits of the mark may be anything") {
  Filter filter;
  SECTION("MAC") { filter.add({.matches = {MacMatch{}}, .target = AcceptTarget{}}); }
  SECTION("device") {
    filter.add({.in_interface = "eth0", .target = AcceptTarget{}});
    CHECK(filter.decide().fate == Fate::Admitted);
  }
  SECTION("pattern of devices") { filter.add({.in_interface = "eth+", .target = AcceptTarget{}}); }
  SECTION("mark of others") { filter.add({.matches = {ConnmarkMatch{1, 1}}, .target = AcceptTarget{}}); }
  CHECK(filter.decide([](Opening& o) { o.in = DeviceId::Unknown; }).fate == Fate::Depends);
}

TEST_CASE("a pattern fits the devices that begin with it") {
  Filter filter;
  filter.add({.in_interface = "ppp+", .target = AcceptTarget{}});
  filter.add({.out_interface = "eth+", .target = RejectTarget{}});
  Evaluator asked = filter.evaluator();
  Opening opening = Filter::web(asked);
  CHECK(asked.decide(opening).verdict == Verdict::Reject);
  opening.in = asked.device("ppp3");
  CHECK(asked.decide(opening).verdict == Verdict::Accept);
  opening.in = DeviceId::None;
  opening.out = DeviceId::None;
  CHECK(asked.decide(opening).verdict == Verdict::Drop);
}

TEST_CASE("own addresses are asked as far as they are told") {
  Filter filter;
  filter.add({.matches = {AddrtypeMatch{.limit_iface_in = true}}, .target = AcceptTarget{}});
  CHECK(filter.decide().fate == Fate::Depends);
  CHECK(filter.decide([](Opening& o) { o.own_destination.of_in = Known::Yes; }).fate == Fate::Admitted);
  CHECK(filter.decide([](Opening& o) { o.own_destination.of_in = Known::No; }).fate == Fate::Refused);
}

TEST_CASE("chains of others do what is said of them") {
  Filter filter;
  SECTION("nothing") {
    filter.add({.target = JumpTarget{filter.foreign("USER", ForeignChain::Returns)}});
    CHECK(filter.decide().fate == Fate::Refused);
  }
  SECTION("refuse, as all others do") {
    filter.add({.target = JumpTarget{filter.foreign("USER", ForeignChain::Refuses)}});
    CHECK(filter.decide().fate == Fate::Refused);
  }
  SECTION("refuse what may be accepted") {
    filter.add({.target = JumpTarget{filter.foreign("USER", ForeignChain::Refuses)}});
    filter.add({.target = AcceptTarget{}});
    CHECK(filter.decide().fate == Fate::Depends);
  }
  SECTION("anything") {
    filter.add({.target = JumpTarget{filter.foreign("USER", ForeignChain::Anything)}});
    CHECK(filter.decide().fate == Fate::Depends);
  }
}

TEST_CASE("sets answer for addresses and ports, and tell whose element it was") {
  Filter filter;
  const OriginId one = filter.origin(), other = filter.origin();
  const auto element = [](std::string_view from, std::uint16_t port, std::string_view to, OriginId origin) {
    return SetElement{prefix(from), prefix(to), ProtocolPort{net::Protocol::Tcp, port}, origin};
  };
  const SetMatch pairs = filter.add_set(
      SetKey::SourcePortDestination,
      {element("10.0.0.0/24", 80, "10.1.0.1/32", one), element("10.0.1.0/24", 80, "10.1.0.0/16", other)}, true);
  SetMatch blocked = filter.add_set(SetKey::Destination, {{.destination = prefix("10.1.0.0/16")}});
  SECTION("in it") {
    filter.add({.matches = {pairs}, .target = AcceptTarget{}});
    CHECK(filter.decide() == admitted(0, one));
    CHECK(filter.decide([](Opening& o) { o.source = address("10.0.1.7"); }) == admitted(0, other));
    CHECK(filter.decide([](Opening& o) { o.destination_port = 81; }).fate == Fate::Refused);
    CHECK(filter.decide([](Opening& o) { o.protocol = net::Protocol::Udp; }).fate == Fate::Refused);
    CHECK(filter.decide([](Opening& o) { o.destination = address("10.1.0.2"); }).fate == Fate::Refused);
  }
  SECTION("not in it") {
    blocked.inverted = true;
    const OriginId rule = filter.add({.matches = {blocked}, .target = AcceptTarget{}});
    CHECK(filter.decide().fate == Fate::Refused);
    CHECK(filter.decide([](Opening& o) { o.destination = address("10.2.0.1"); }) == admitted(0, rule));
  }
}

TEST_CASE("ICMP is told by type and code") {
  Filter filter;
  filter.add({.protocol = net::Protocol::Icmp, .matches = {IcmpMatch{.type = 8}}, .target = AcceptTarget{}});
  filter.add(
      {.protocol = net::Protocol::Icmp, .matches = {IcmpMatch{.type = 13, .code = 1}}, .target = AcceptTarget{}});
  const auto ping = [&](std::uint8_t type, std::uint8_t code) {
    return filter.decide([&](Opening& o) {
      o.protocol = net::Protocol::Icmp;
      o.icmp_type = type;
      o.icmp_code = code;
    });
  };
  CHECK(ping(8, 0).fate == Fate::Admitted);
  CHECK(ping(8, 5).fate == Fate::Admitted);
  CHECK(ping(13, 1).fate == Fate::Admitted);
  CHECK(ping(13, 0).fate == Fate::Refused);
}

TEST_CASE("a long chain is searched in its order, whatever shape its rules have") {
  Filter filter;
  std::vector<OriginId> hosts;
  for (unsigned i = 0; i < 200; ++i) {
    Rule rule = web_rule(i % 2 == 0 ? Target{AcceptTarget{}} : Target{DropTarget{}});
    rule.source = net::Prefix::host(net::Address::ipv4(0x0a000000 + i));
    if (i % 3 == 0) rule.in_interface = "eth0";
    if (i % 5 == 0) std::get<TcpMatch>(rule.matches[0]).destination = {80, 90};
    hosts.push_back(filter.add(std::move(rule)));
  }
  const OriginId wide = filter.add({.source = prefix("10.0.0.128/25"), .target = RejectTarget{}});
  const OriginId all = filter.add({.target = AcceptTarget{}});
  Evaluator asked = filter.evaluator();
  Opening opening = Filter::web(asked);
  for (unsigned i = 0; i < 256; ++i) {
    INFO(i);
    opening.source = net::Address::ipv4(0x0a000000 + i);
    opening.in = asked.device("eth0");
    const OriginId expected = i < 200 ? hosts[i] : wide;
    CHECK(asked.decide(opening).origin == expected);
    opening.in = asked.device("eth9");
    if (i < 200 && i % 3 == 0) CHECK(asked.decide(opening).origin == (i < 128 ? all : wide));
    opening.in = DeviceId::Unknown;
    if (i < 200 && i % 3 != 0) CHECK(asked.decide(opening).origin == hosts[i]);
    if (i < 128 && i % 6 == 3) CHECK(asked.decide(opening).fate == Fate::Depends);
  }
  opening.in = asked.device("eth0");
  opening.source = address("10.0.0.5");
  opening.destination_port = 85;
  CHECK(asked.decide(opening).origin == hosts[5]);
  opening.source = address("10.0.0.6");
  CHECK(asked.decide(opening).origin == all);
}

TEST_CASE("both families have their own rules") {
  Ruleset ruleset;
  const OriginId origin = ruleset.add_origin("rule");
  Table& filter = ruleset.ipv6.table(TableName::Filter);
  const ChainId chain = filter.chain_named("VRMR-F");
  filter.append(filter.builtin(Hook::Input), {.target = JumpTarget{chain}, .origin = origin});
  filter.append(chain, {.source = prefix("2001:db8::/33"), .target = DropTarget{}, .origin = origin});
  Evaluator asked(ruleset, {});
  Opening opening{
      .family = net::Family::Ipv6, .source = address("2001:db8:7fff::1"), .destination = address("2001:db8::2")};
  CHECK(asked.decide(opening).fate == Fate::Refused);
  opening.source = address("2001:db8:8000::1");
  CHECK(asked.decide(opening).fate == Fate::Admitted);
}

}  // namespace vuurmuur::ir
