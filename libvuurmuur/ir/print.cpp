// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/print.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>

#include "ir/walk.h"

namespace vuurmuur::ir {
namespace {

template <class... Args>
void append(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

/// Free text between quotes, so that nothing in it can be taken for something else.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      append(out, "\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_ports(std::string& out, std::string_view name, const net::PortRange& ports) {
  if (!ports.is_any()) append(out, " {}={}:{}", name, ports.first, ports.last);
}

std::string_view to_string(LimitMatch::Unit unit) {
  switch (unit) {
    case LimitMatch::Unit::Second: return "second";
    case LimitMatch::Unit::Minute: return "minute";
    case LimitMatch::Unit::Hour: return "hour";
    case LimitMatch::Unit::Day: return "day";
  }
  return {};
}

std::string_view to_string(RejectTarget::With with) {
  using enum RejectTarget::With;
  switch (with) {
    case NetUnreachable: return "net-unreachable";
    case HostUnreachable: return "host-unreachable";
    case ProtoUnreachable: return "proto-unreachable";
    case PortUnreachable: return "port-unreachable";
    case NetProhibited: return "net-prohibited";
    case HostProhibited: return "host-prohibited";
    case AdminProhibited: return "admin-prohibited";
    case TcpReset: return "tcp-reset";
  }
  return {};
}

std::string_view key_name(SetKey key) {
  switch (key) {
    case SetKey::Source: return "source";
    case SetKey::Destination: return "destination";
    case SetKey::SourcePort: return "source,port";
    case SetKey::DestinationPort: return "destination,port";
    case SetKey::SourceDestination: return "source,destination";
    case SetKey::SourcePortDestination: return "source,port,destination";
  }
  return {};
}

std::string_view to_string(ChainKind kind) {
  switch (kind) {
    case ChainKind::Builtin: return "builtin";
    case ChainKind::Own: return "own";
    case ChainKind::Foreign: return "foreign";
  }
  return {};
}

struct StateName {
  CtState state;
  std::string_view name;
};
constexpr StateName kStates[] = {{kCtInvalid, "invalid"},
                                 {kCtNew, "new"},
                                 {kCtEstablished, "established"},
                                 {kCtRelated, "related"},
                                 {kCtUntracked, "untracked"}};

/// What stands between the brackets behind a match's name, each piece with a blank in front.
struct MatchPrinter {
  std::string& out;

  void operator()(const TcpMatch& match) const {
    out += " tcp(";
    append_ports(out, "sport", match.source);
    append_ports(out, "dport", match.destination);
    if (match.flags != TcpFlags{}) append(out, " flags={:#04x}/{:#04x}", match.flags.wanted, match.flags.mask);
    if (match.flags_inverted) out += " inverted";
  }
  void operator()(const UdpMatch& match) const {
    out += " udp(";
    append_ports(out, "sport", match.source);
    append_ports(out, "dport", match.destination);
  }
  void operator()(const IcmpMatch& match) const {
    append(out, " icmp( type={}", match.type);
    if (match.code) append(out, " code={}", *match.code);
  }
  void operator()(const ConntrackMatch& match) const {
    out += " state(";
    unsigned rest = match.states;
    for (const StateName& row : kStates) {
      if ((rest & row.state) == 0) continue;
      append(out, " {}", row.name);
      rest &= ~static_cast<unsigned>(row.state);
    }
    if (rest != 0) append(out, " {:#x}", rest);
  }
  void operator()(const ConnmarkMatch& match) const {
    append(out, " connmark( {}{:#x}/{:#x}", match.inverted ? "not " : "", match.value, match.mask);
  }
  void operator()(const MarkMatch& match) const { append(out, " mark( {:#x}/{:#x}", match.value, match.mask); }
  void operator()(const ClusterMatch& match) const {
    append(out, " cluster( {}-{} of {}", match.first, match.last, match.total);
  }
  void operator()(const LimitMatch& match) const {
    append(out, " limit( {}/{} burst={}", match.count, to_string(match.unit), match.burst);
  }
  void operator()(const HashlimitMatch& match) const {
    out += " hashlimit( name=";
    append_quoted(out, match.name);
    append(out, " above={}/second burst={} source-length={}", match.per_second, match.burst, match.source_length);
  }
  void operator()(const MacMatch& match) const { append(out, " mac( {}", match.source.to_string()); }
  void operator()(const RpfilterMatch&) const { out += " rpfilter("; }
  void operator()(const FragmentHeaderMatch&) const { out += " fragment-header("; }
  void operator()(const AddrtypeMatch& match) const {
    append(out, " local( {}", match.side == AddrtypeMatch::Side::Source ? "source" : "destination");
    if (match.limit_iface_in) out += " on-incoming";
    if (match.limit_iface_out) out += " on-outgoing";
  }
  void operator()(const SetMatch& match) const {
    append(out, " set({} ", match.inverted ? " not" : "");
    append_quoted(out, match.set);
  }
};

struct TargetPrinter {
  std::string& out;
  const Table& table;

  void chain(ChainId id) const {
    if (exists(table, id))
      append_quoted(out, table.chain(id).name);
    else
      append(out, "missing {}", static_cast<std::uint32_t>(id));
  }
  void random(bool wanted) const {
    if (wanted) out += " random";
  }

  void operator()(const AcceptTarget&) const { out += "accept"; }
  void operator()(const DropTarget&) const { out += "drop"; }
  void operator()(const JumpTarget& target) const {
    out += "jump ";
    chain(target.chain);
  }
  void operator()(const GotoTarget& target) const {
    out += "goto ";
    chain(target.chain);
  }
  void operator()(const RejectTarget& target) const { append(out, "reject {}", to_string(target.with)); }
  void operator()(const NflogTarget& target) const {
    append(out, "nflog {} ", target.group);
    append_quoted(out, target.prefix);
  }
  void operator()(const NfqueueTarget& target) const {
    append(out, "nfqueue {}:{}", target.first, target.last);
    if (target.bypass) out += " bypass";
    if (target.cpu_fanout) out += " fanout";
  }
  void operator()(const ConnmarkTarget& target) const {
    append(out, "connmark {:#x}/{:#x}", target.value, target.mask);
  }
  void operator()(const MarkTarget& target) const { append(out, "mark {:#x}/{:#x}", target.value, target.mask); }
  void operator()(const DnatTarget& target) const {
    append(out, "dnat {}", target.address.to_string());
    if (target.ports) append(out, " ports={}:{}", target.ports->first, target.ports->last);
    random(target.random);
  }
  void operator()(const SnatTarget& target) const {
    append(out, "snat {}", target.address.to_string());
    random(target.random);
  }
  void operator()(const MasqueradeTarget& target) const {
    out += "masquerade";
    random(target.random);
  }
  void operator()(const RedirectTarget& target) const {
    append(out, "redirect {}", target.port);
    random(target.random);
  }
  void operator()(const CtHelperTarget& target) const {
    out += "helper ";
    append_quoted(out, target.helper);
  }
  void operator()(const TcpmssTarget&) const { out += "tcpmss"; }
};

class Printer {
 public:
  explicit Printer(const Ruleset& ruleset) : ruleset_(ruleset), used_(ruleset.origins.size(), false) {}

  std::string run() && {
    for (const net::Family family : net::kFamilies)
      for (const Table& table : ruleset_.rules(family).tables) print_table(family, table);
    for (const Set& set : ruleset_.sets) print_set(set);
    for (const Sysctl& sysctl : ruleset_.sysctls) print_sysctl(sysctl);
    for (const net::Prefix& blocked : ruleset_.blocked) append(out_, "blocked {}\n", blocked.to_string());
    print_unused_origins();
    return std::move(out_);
  }

 private:
  /// Whether a chain is as every new table has it, so that it need not be shown.
  static bool is_untouched(const Chain& chain) {
    return chain.kind == ChainKind::Builtin && !chain.policy_drop && chain.rules.empty();
  }

  void print_table(net::Family family, const Table& table) {
    bool headed = false;
    for (const Chain& chain : table.chains()) {
      if (is_untouched(chain)) continue;
      if (!headed) append(out_, "{} {}\n", family == net::Family::Ipv4 ? "ipv4" : "ipv6", to_string(table.name()));
      headed = true;
      append(out_, "  chain {} ", to_string(chain.kind));
      append_quoted(out_, chain.name);
      if (chain.hook && (chain.kind != ChainKind::Builtin || chain.name != to_string(*chain.hook)))
        append(out_, " hook {}", to_string(*chain.hook));
      if (chain.policy_drop) out_ += " policy drop";
      out_ += '\n';
      for (const Rule& rule : chain.rules) print_rule(table, rule);
    }
  }

  void print_text(std::string_view name, const std::string& text) {
    if (text.empty()) return;
    append(out_, " {}=", name);
    append_quoted(out_, text);
  }

  void print_rule(const Table& table, const Rule& rule) {
    out_ += "   ";
    print_text("in", rule.in_interface);
    print_text("out", rule.out_interface);
    if (rule.source) append(out_, " from={}", rule.source->to_string());
    if (rule.destination) append(out_, " to={}", rule.destination->to_string());
    if (rule.protocol) append(out_, " proto={}", net::to_string(*rule.protocol));
    if (rule.fragment) out_ += " fragment";
    for (const Match& match : rule.matches) {
      std::visit(MatchPrinter{out_}, match);
      out_ += out_.back() == '(' ? ")" : " )";
    }
    out_ += " -> ";
    std::visit(TargetPrinter{out_, table}, rule.target);
    if (rule.commented) out_ += " commented";
    out_ += "  ; ";
    print_origin(rule.origin);
    out_ += '\n';
  }

  void print_origin(OriginId id) {
    const auto index = static_cast<std::size_t>(id);
    append(out_, "{} ", index);
    if (index >= ruleset_.origins.size()) {
      out_ += "missing";
      return;
    }
    used_[index] = true;
    append_quoted(out_, ruleset_.origins[index].label);
    if (ruleset_.origins[index].place.empty()) return;
    out_ += ' ';
    append_quoted(out_, ruleset_.origins[index].place);
  }

  void print_set(const Set& set) {
    append(out_, "{} set ", set.family == net::Family::Ipv4 ? "ipv4" : "ipv6");
    append_quoted(out_, set.name);
    append(out_, " {}{}{}\n", key_name(set.key), set.is_counted ? " counted" : "", set.is_timed() ? " timed" : "");
    for (const SetElement& element : set.elements) {
      out_ += "   ";
      if (element.source) append(out_, " from={}", element.source->to_string());
      if (element.destination) append(out_, " to={}", element.destination->to_string());
      if (element.port) append(out_, " {}={}", net::to_string(element.port->protocol), element.port->port);
      out_ += "  ; ";
      print_origin(element.origin);
      out_ += '\n';
    }
  }

  void print_sysctl(const Sysctl& sysctl) {
    append(out_, "sysctl {} ", sysctl.after_rules ? "after" : "before");
    append_quoted(out_, sysctl.path);
    out_ += ' ';
    append_quoted(out_, sysctl.value);
    out_ += '\n';
  }

  void print_unused_origins() {
    for (std::size_t index = 0; index < used_.size(); ++index) {
      if (used_[index]) continue;
      out_ += "unused origin ";
      print_origin(static_cast<OriginId>(index));
      out_ += '\n';
    }
  }

  const Ruleset& ruleset_;
  std::vector<bool> used_;
  std::string out_;
};

}  // namespace

std::string print(const Ruleset& ruleset) { return Printer(ruleset).run(); }

}  // namespace vuurmuur::ir
