// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include "backend/append_format.h"
#include "backend/rate.h"
#include "backend/rule_parts.h"

namespace vuurmuur::backend {
namespace {

struct BitName {
  std::uint8_t bit;
  std::string_view name;
};

/// In the order in which iptables prints them.
constexpr std::array<BitName, 6> kTcpFlags{{{ir::TcpFlags::kFin, "FIN"},
                                            {ir::TcpFlags::kSyn, "SYN"},
                                            {ir::TcpFlags::kRst, "RST"},
                                            {ir::TcpFlags::kPsh, "PSH"},
                                            {ir::TcpFlags::kAck, "ACK"},
                                            {ir::TcpFlags::kUrg, "URG"}}};

constexpr std::array<BitName, 5> kStates{{{ir::kCtInvalid, "INVALID"},
                                          {ir::kCtNew, "NEW"},
                                          {ir::kCtRelated, "RELATED"},
                                          {ir::kCtEstablished, "ESTABLISHED"},
                                          {ir::kCtUntracked, "UNTRACKED"}}};

template <std::size_t N>
void append_bits(std::string& out, const std::array<BitName, N>& names, std::uint8_t bits) {
  bool first = true;
  for (const BitName& row : names) {
    if ((bits & row.bit) == 0) continue;
    if (!first) out += ',';
    out += row.name;
    first = false;
  }
  if (first) out += "NONE";
}

void append_ports(std::string& out, std::string_view option, const net::PortRange& ports) {
  if (ports.is_any()) return;
  if (ports.first == ports.last) return append(out, "{} {} ", option, ports.first);
  append(out, "{} {}:{} ", option, ports.first, ports.last);
}

/// One overload a match: its row of the text backend.
struct MatchText {
  std::string& out;
  net::Family family;

  void operator()(const ir::TcpMatch& match) const {
    out += "-m tcp ";
    append_ports(out, "--sport", match.source);
    append_ports(out, "--dport", match.destination);
    if (match.flags.mask == 0 && !match.flags_inverted) return;
    out += match.flags_inverted ? "! --tcp-flags " : "--tcp-flags ";
    append_bits(out, kTcpFlags, match.flags.mask);
    out += ' ';
    append_bits(out, kTcpFlags, match.flags.wanted);
    out += ' ';
  }

  void operator()(const ir::UdpMatch& match) const {
    out += "-m udp ";
    append_ports(out, "--sport", match.source);
    append_ports(out, "--dport", match.destination);
  }

  void operator()(const ir::IcmpMatch& match) const {
    append(out, "{} {}", family == net::Family::Ipv4 ? "-m icmp --icmp-type" : "-m icmp6 --icmpv6-type", match.type);
    if (match.code) append(out, "/{}", *match.code);
    out += ' ';
  }

  void operator()(const ir::ConntrackMatch& match) const {
    out += "-m conntrack --ctstate ";
    append_bits(out, kStates, match.states);
    out += ' ';
  }

  void operator()(const ir::ConnmarkMatch& match) const {
    append(out, "-m connmark {}--mark {:#x}", match.inverted ? "! " : "", match.value);
    if (match.mask != 0xffffffff) append(out, "/{:#x}", match.mask);
    out += ' ';
  }

  void operator()(const ir::MarkMatch& match) const {
    append(out, "-m mark --mark {:#x}", match.value);
    if (match.mask != 0xffffffff) append(out, "/{:#x}", match.mask);
    out += ' ';
  }

  void operator()(const ir::ClusterMatch& match) const {
    append(out, "-m cluster --cluster-local-nodemask {:#010x} --cluster-total-nodes {} --cluster-hash-seed {:#010x} ",
           match.node_bits(), match.total, ir::ClusterMatch::kHashSeed);
  }

  void operator()(const ir::LimitMatch& match) const {
    append(out, "-m limit --limit {} ", limit_rate_text(limit_period(match)));
    constexpr std::uint32_t kDefaultBurst = 5;
    if (match.burst != kDefaultBurst) append(out, "--limit-burst {} ", match.burst);
  }

  void operator()(const ir::HashlimitMatch& match) const {
    append(out,
           "-m hashlimit --hashlimit-above {}/sec --hashlimit-burst {} --hashlimit-mode srcip --hashlimit-name {} ",
           hashlimit_per_second(hashlimit_period(match.per_second)), match.burst, match.name);
    if (match.source_length != net::address_bits(family)) append(out, "--hashlimit-srcmask {} ", match.source_length);
  }

  void operator()(const ir::MacMatch& match) const { append(out, "-m mac --mac-source {} ", match.source.to_string()); }

  void operator()(const ir::RpfilterMatch&) const { out += "-m rpfilter --invert "; }

  void operator()(const ir::FragmentHeaderMatch&) const { out += "-m frag "; }

  void operator()(const ir::AddrtypeMatch& match) const {
    const bool source = match.side == ir::AddrtypeMatch::Side::Source;
    out += source ? "-m addrtype --src-type LOCAL " : "-m addrtype --dst-type LOCAL ";
    if (match.limit_iface_in) out += "--limit-iface-in ";
    if (match.limit_iface_out) out += "--limit-iface-out ";
  }

  void operator()(const ir::SetMatch& match) const {
    append(out, "-m set {}--match-set {} {} ", match.inverted ? "! " : "", match.set, ir::directions(match.key));
  }
};

bool is_plain(std::string_view text) {
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!plain) return false;
  }
  return true;
}

}  // namespace

void append_match(std::string& out, net::Family family, const ir::Match& match) {
  std::visit(MatchText{out, family}, match);
}

void append_free_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  out += '"';
}

void append_comment(std::string& out, std::string_view text) {
  out += "-m comment --comment ";
  append_free_text(out, text);
  out += ' ';
}

}  // namespace vuurmuur::backend
