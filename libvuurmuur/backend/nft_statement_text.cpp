// SPDX-License-Identifier: GPL-2.0-or-later
// Statements as nft(8) has them, in the words that both 1.0.6 and 1.1.3 read.
#include "backend/nft_statement_text.h"

#include <array>

#include "backend/append_format.h"
#include "base/assert.h"

namespace vuurmuur::backend::nft {
namespace {

struct BitName {
  std::uint32_t bit;
  std::string_view name;
};

constexpr std::array<BitName, 6> kTcpFlags{{{ir::TcpFlags::kFin, "fin"},
                                            {ir::TcpFlags::kSyn, "syn"},
                                            {ir::TcpFlags::kRst, "rst"},
                                            {ir::TcpFlags::kPsh, "psh"},
                                            {ir::TcpFlags::kAck, "ack"},
                                            {ir::TcpFlags::kUrg, "urg"}}};

constexpr std::array<BitName, 5> kStates{
    {{1, "invalid"}, {2, "established"}, {4, "related"}, {8, "new"}, {64, "untracked"}}};

template <std::size_t N>
void append_bits(std::string& out, const std::array<BitName, N>& names, std::uint32_t bits, std::string_view between) {
  bool first = true;
  for (const BitName& row : names) {
    if ((bits & row.bit) == 0) continue;
    if (!first) out += between;
    out += row.name;
    first = false;
  }
  if (first) out += "0x0";
}

std::string_view field_word(Field field, net::Family family) {
  const bool ipv4 = family == net::Family::Ipv4;
  switch (field) {
    case Field::Source: return ipv4 ? "ip saddr" : "ip6 saddr";
    case Field::Destination: return ipv4 ? "ip daddr" : "ip6 daddr";
    case Field::InInterface: return "iifname";
    case Field::OutInterface: return "oifname";
    case Field::Protocol: return "meta l4proto";
    case Field::TcpSource: return "tcp sport";
    case Field::TcpDestination: return "tcp dport";
    case Field::TcpFlags: return "tcp flags";
    case Field::UdpSource: return "udp sport";
    case Field::UdpDestination: return "udp dport";
    case Field::PortSource: return "th sport";
    case Field::PortDestination: return "th dport";
    case Field::IcmpType: return ipv4 ? "icmp type" : "icmpv6 type";
    case Field::IcmpCode: return ipv4 ? "icmp code" : "icmpv6 code";
    case Field::FragmentOffset: return "ip frag-off";
    case Field::CtState: return "ct state";
    case Field::CtMark: return "ct mark";
    case Field::PacketMark: return "meta mark";
  }
  return {};
}

std::string_view unit_word(std::uint32_t seconds) {
  switch (seconds) {
    case 60: return "minute";
    case 3600: return "hour";
    case 86400: return "day";
    default: return "second";
  }
}

/// One overload a statement: its row of the text.
class StatementText {
 public:
  StatementText(std::string& out, const Program& program) : out_(out), program_(program) {}

  void operator()(const AddressTest& test) const {
    const bool is_host = test.prefix.length == net::address_bits(program_.family);
    append(out_, "{} {}", word(test.field), is_host ? test.prefix.address.to_string() : test.prefix.to_string());
  }

  void operator()(const InterfaceTest& test) const {
    append(out_, "{} \"", word(test.field));
    // Only the last of an interface's name can be a wildcard to nft.
    if (test.name.ends_with('+'))
      append(out_, "{}*\"", std::string_view(test.name).substr(0, test.name.size() - 1));
    else if (test.name.ends_with('*'))
      append(out_, "{}\\*\"", std::string_view(test.name).substr(0, test.name.size() - 1));
    else
      append(out_, "{}\"", test.name);
  }

  void operator()(const NumberTest& test) const {
    const std::string_view field = word(test.field);
    const std::string_view unequal = test.relation == Relation::NotEqual ? "!= " : "";
    switch (test.field) {
      case Field::Protocol: append(out_, "{} {}", field, unequal); return append_protocol(out_, test.value);
      case Field::TcpFlags:
        append(out_, "{} & (", field);
        append_bits(out_, kTcpFlags, test.mask, " | ");
        append(out_, ") {} ", test.relation == Relation::NotEqual ? "!=" : "==");
        append_bits(out_, kTcpFlags, test.value, " | ");
        return;
      case Field::CtState:
        append(out_, "{} ", field);
        append_bits(out_, kStates, test.value, ",");
        return;
      case Field::CtMark:
      case Field::PacketMark:
        if (test.mask == UINT32_MAX)
          append(out_, "{} {}{:#x}", field, unequal, test.value);
        else
          append(out_, "{} & {:#x} {} {:#x}", field, test.mask,
                 test.relation == Relation::NotEqual ? "!=" : "==", test.value);
        return;
      default: break;
    }
    if (test.relation == Relation::AnyOf)
      append(out_, "{} & {:#x} != 0", field, test.value);
    else
      append(out_, "{} {}{}", field, unequal, test.value);
  }

  void operator()(const RangeTest& test) const {
    append(out_, "{} {}-{}", word(test.field), test.range.first, test.range.last);
  }

  void operator()(const MacTest& test) const { append(out_, "ether saddr {}", test.source.to_string()); }

  void operator()(const ReversePathTest&) const {
    // What asks for an address of its own comes from "::", which xt_rpfilter lets through (RFC 4862, 5.4).
    if (program_.family == net::Family::Ipv6) out_ += "ip6 saddr != :: ";
    out_ += "fib saddr . iif oif missing";
  }

  void operator()(const LocalAddressTest& test) const {
    append(out_, "fib {}{}{} type local", test.field == Field::Source ? "saddr" : "daddr",
           test.of_input ? " . iif" : "", test.of_output ? " . oif" : "");
  }

  void operator()(const ClusterTest& test) const {
    append(out_, "jhash ct original {} saddr mod {} seed {:#x} ", program_.family == net::Family::Ipv4 ? "ip" : "ip6",
           test.total, ir::ClusterMatch::kHashSeed);
    if (test.first == test.last)
      append(out_, "{}", test.first);
    else
      append(out_, "{}-{}", test.first, test.last);
  }

  void operator()(const FragmentHeaderTest&) const { out_ += "exthdr frag exists"; }

  void operator()(const SetTest& test) const {
    const Set& set = program_.sets[test.set];
    if (test.of_destination)
      out_ += word(Field::Destination);
    else
      append_key(set);
    append(out_, "{} @{}", test.is_inverted ? " !=" : "", set.name);
  }

  void operator()(const Limit& limit) const {
    append(out_, "limit rate {}/{} burst {} packets", limit.count, unit_word(limit.unit_seconds), limit.burst);
  }

  void operator()(const MeterTest& test) const {
    const Set& set = program_.sets[test.set];
    append(out_, "update @{} {{ ", set.name);
    append_key(set);
    append(out_, " limit rate over {}/second burst {} packets }}", test.per_second, test.burst);
  }

  void operator()(const Count& count) const {
    append(out_, "counter name \"{}\"", program_.counters[count.counter].name);
  }

  void operator()(const CountElement& count) const {
    const Set& set = program_.sets[count.set];
    out_ += "counter name ";
    append_key(set);
    append(out_, " map @{}", set.name);
  }

  void operator()(const Log& log) const {
    out_ += "log";
    if (!log.prefix.empty()) {
      out_ += " prefix \"";
      for (const char c : log.prefix) out_ += c == '"' ? '\'' : c == '$' ? '_' : c;
      out_ += '"';
    }
    append(out_, " group {}", log.group);
  }

  void operator()(const SetMark& set) const {
    const std::string_view mark = set.of_connection ? "ct mark" : "meta mark";
    if (set.mask == UINT32_MAX) return append(out_, "{} set {:#x}", mark, set.value);
    append(out_, "{0} set {0} & {1:#x}", mark, ~set.mask);
    if (set.value != 0) append(out_, " {} {:#x}", (set.value & ~set.mask) == 0 ? '|' : '^', set.value);
  }

  void operator()(const SetHelper& set) const {
    append(out_, "ct helper set \"{}\"", program_.helpers[set.helper].name);
  }
  void operator()(const ClampMss&) const { out_ += "tcp option maxseg size set rt mtu"; }
  void operator()(const Verdict& verdict) const { append_verdict(out_, program_, verdict); }

  void operator()(const MapVerdict& map) const {
    const Set& set = program_.sets[map.set];
    append_key(set);
    append(out_, " vmap @{}", set.name);
  }

  void operator()(const Queue& queue) const {
    queue_flags(queue.bypass, queue.cpu_fanout);
    append(out_, " to {}", queue.first);
    if (queue.first != queue.last) append(out_, "-{}", queue.last);
  }

  void operator()(const MapQueue& map) const {
    const Set& set = program_.sets[map.set];
    queue_flags(map.bypass, /*fanout=*/false);
    out_ += " to ";
    append_key(set);
    out_ += " map {";
    bool first = true;
    for (const Element& element : set.elements) {
      out_ += first ? " " : ", ";
      first = false;
      append_element(out_, program_, set, element);
    }
    out_ += " }";
  }

  void operator()(const Reject& reject) const {
    if (reject.with_reset) {
      out_ += "reject with tcp reset";
      return;
    }
    append(out_, "reject with {} {}", program_.family == net::Family::Ipv4 ? "icmp" : "icmpv6", code_word(reject.code));
  }

  void operator()(const Translate& translate) const {
    switch (translate.kind) {
      case Translate::Kind::Source: out_ += "snat to "; break;
      case Translate::Kind::Destination: out_ += "dnat to "; break;
      case Translate::Kind::Masquerade: out_ += "masquerade"; break;
      case Translate::Kind::Redirect: out_ += "redirect"; break;
    }
    if (translate.address) {
      const bool brackets = program_.family == net::Family::Ipv6 && translate.ports;
      append(out_, "{}{}{}", brackets ? "[" : "", translate.address->to_string(), brackets ? "]" : "");
    }
    if (translate.ports) {
      append(out_, "{}:{}", translate.address ? "" : " to ", translate.ports->first);
      if (translate.ports->first != translate.ports->last) append(out_, "-{}", translate.ports->last);
    }
    if (translate.random) out_ += " random";
  }

 private:
  [[nodiscard]] std::string_view word(Field field) const { return field_word(field, program_.family); }

  void queue_flags(bool bypass, bool fanout) const {
    out_ += "queue";
    if (bypass || fanout)
      append(out_, " flags {}{}{}", bypass ? "bypass" : "", bypass && fanout ? "," : "", fanout ? "fanout" : "");
  }

  /// What is looked up in a set: "ip saddr . meta l4proto . th dport".
  void append_key(const Set& set) const {
    bool first = true;
    for (const Field field : set.key) {
      if (!first) out_ += " . ";
      first = false;
      out_ += word(field);
      if (field == Field::CtMark && set.mark_mask != UINT32_MAX) append(out_, " & {:#x}", set.mark_mask);
      if (set.kind == Set::Kind::Meters && set.source_length < net::address_bits(program_.family))
        append(out_, " & {}", net::Prefix{{.family = program_.family}, set.source_length}.netmask().to_string());
    }
  }

  [[nodiscard]] std::string_view code_word(std::uint8_t code) const {
    if (program_.family == net::Family::Ipv4) switch (code) {
        case 0: return "net-unreachable";
        case 1: return "host-unreachable";
        case 2: return "prot-unreachable";
        case 9: return "net-prohibited";
        case 10: return "host-prohibited";
        case 13: return "admin-prohibited";
        default: return "port-unreachable";
      }
    switch (code) {
      case 0: return "no-route";
      case 1: return "admin-prohibited";
      case 3: return "addr-unreachable";
      default: return "port-unreachable";
    }
  }

  std::string& out_;
  const Program& program_;
};

}  // namespace

void append_statement(std::string& out, const Program& program, const Statement& statement) {
  std::visit(StatementText(out, program), statement);
}

void append_protocol(std::string& out, std::uint32_t protocol) {
  switch (static_cast<net::Protocol>(protocol)) {
    case net::Protocol::Icmp: out += "icmp"; return;
    case net::Protocol::Tcp: out += "tcp"; return;
    case net::Protocol::Udp: out += "udp"; return;
    case net::Protocol::Icmpv6: out += "ipv6-icmp"; return;
    default: return append(out, "{}", protocol);
  }
}

void append_verdict(std::string& out, const Program& program, const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::Accept: out += "accept"; return;
    case Verdict::Kind::Drop: out += "drop"; return;
    case Verdict::Kind::Return: out += "return"; return;
    case Verdict::Kind::Jump: append(out, "jump {}", program.chains[verdict.chain].name); return;
    case Verdict::Kind::Goto: append(out, "goto {}", program.chains[verdict.chain].name); return;
  }
}

}  // namespace vuurmuur::backend::nft
