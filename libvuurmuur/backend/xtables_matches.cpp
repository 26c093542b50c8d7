// SPDX-License-Identifier: GPL-2.0-or-later
// The matches as structures of linux/netfilter/xt_*.h, one encoder and one decoder each.
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_cluster.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_limit.h>
#include <linux/netfilter/xt_mac.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_set.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netfilter_ipv6/ip6t_frag.h>

#include <algorithm>
#include <array>
#include <bit>

#include "backend/comment_char.h"
#include "backend/cut_text.h"
#include "backend/rate.h"
#include "backend/xtables_codec.h"

namespace vuurmuur::backend {
namespace {

using net::Family;

// --- tcp, udp, icmp -------------------------------------------------------------------------------------------------

void set_ports(std::uint16_t (&to)[2], const net::PortRange& ports) {
  to[0] = ports.first;
  to[1] = ports.last;
}

net::PortRange ports_of(const std::uint16_t (&from)[2]) { return {from[0], from[1]}; }

void encode(EntryWriter& out, Family, const ir::TcpMatch& match) {
  auto& info = out.match<xt_tcp>("tcp", 0);
  set_ports(info.spts, match.source);
  set_ports(info.dpts, match.destination);
  info.flg_mask = match.flags.mask;
  info.flg_cmp = match.flags.wanted;
  info.invflags = match.flags_inverted ? XT_TCP_INV_FLAGS : 0;
}

std::optional<ir::Match> decode_tcp(Family, const FoundPart& part) {
  const auto* info = structure<xt_tcp>(part);
  if (info == nullptr || info->option != 0 || (info->invflags & ~XT_TCP_INV_FLAGS) != 0) return std::nullopt;
  if ((info->flg_mask | info->flg_cmp) > ir::TcpFlags::kAll) return std::nullopt;
  return ir::TcpMatch{.source = ports_of(info->spts),
                      .destination = ports_of(info->dpts),
                      .flags = {info->flg_mask, info->flg_cmp},
                      .flags_inverted = info->invflags != 0};
}

void encode(EntryWriter& out, Family, const ir::UdpMatch& match) {
  auto& info = out.match<xt_udp>("udp", 0);
  set_ports(info.spts, match.source);
  set_ports(info.dpts, match.destination);
}

std::optional<ir::Match> decode_udp(Family, const FoundPart& part) {
  const auto* info = structure<xt_udp>(part);
  if (info == nullptr || info->invflags != 0) return std::nullopt;
  return ir::UdpMatch{.source = ports_of(info->spts), .destination = ports_of(info->dpts)};
}

void encode(EntryWriter& out, Family family, const ir::IcmpMatch& match) {
  // struct ip6t_icmp has the same members in the same places.
  static_assert(sizeof(ipt_icmp) == sizeof(ip6t_icmp) && offsetof(ipt_icmp, code) == offsetof(ip6t_icmp, code));
  auto& info = out.match<ipt_icmp>(family == Family::Ipv4 ? "icmp" : "icmp6", 0);
  info.type = match.type;
  info.code[0] = match.code.value_or(0);
  info.code[1] = match.code.value_or(UINT8_MAX);
}

std::optional<ir::Match> decode_icmp(Family, const FoundPart& part) {
  const auto* info = structure<ipt_icmp>(part);
  if (info == nullptr || info->invflags != 0 || info->type == UINT8_MAX) return std::nullopt;
  if (info->code[0] == 0 && info->code[1] == UINT8_MAX) return ir::IcmpMatch{.type = info->type, .code = {}};
  if (info->code[0] != info->code[1]) return std::nullopt;
  return ir::IcmpMatch{.type = info->type, .code = info->code[0]};
}

// --- conntrack and its mark -----------------------------------------------------------------------------------------

struct StateBit {
  ir::CtState state;
  std::uint16_t bit;
};

constexpr std::array<StateBit, 5> kStateBits{{{ir::kCtInvalid, XT_CONNTRACK_STATE_INVALID},
                                              {ir::kCtNew, XT_CONNTRACK_STATE_BIT(IP_CT_NEW)},
                                              {ir::kCtEstablished, XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED)},
                                              {ir::kCtRelated, XT_CONNTRACK_STATE_BIT(IP_CT_RELATED)},
                                              {ir::kCtUntracked, XT_CONNTRACK_STATE_UNTRACKED}}};

void encode(EntryWriter& out, Family, const ir::ConntrackMatch& match) {
  auto& info = out.match<xt_conntrack_mtinfo3>("conntrack", 3);
  info.match_flags = XT_CONNTRACK_STATE;
  for (const StateBit& row : kStateBits)
    if ((match.states & row.state) != 0) info.state_mask = static_cast<std::uint16_t>(info.state_mask | row.bit);
}

std::optional<ir::Match> decode_conntrack(Family, const FoundPart& part) {
  const auto* info = structure<xt_conntrack_mtinfo3>(part);
  if (info == nullptr || info->match_flags != XT_CONNTRACK_STATE || info->invert_flags != 0) return std::nullopt;
  ir::ConntrackMatch match;
  std::uint16_t rest = info->state_mask;
  for (const StateBit& row : kStateBits) {
    if ((rest & row.bit) == 0) continue;
    match.states = static_cast<std::uint8_t>(match.states | row.state);
    rest = static_cast<std::uint16_t>(rest & ~row.bit);
  }
  if (rest != 0 || match.states == 0) return std::nullopt;
  return match;
}

void encode(EntryWriter& out, Family, const ir::ConnmarkMatch& match) {
  auto& info = out.match<xt_connmark_mtinfo1>("connmark", 1);
  info.mark = match.value;
  info.mask = match.mask;
  info.invert = match.inverted ? 1 : 0;
}

std::optional<ir::Match> decode_connmark(Family, const FoundPart& part) {
  const auto* info = structure<xt_connmark_mtinfo1>(part);
  if (info == nullptr) return std::nullopt;
  return ir::ConnmarkMatch{.value = info->mark, .mask = info->mask, .inverted = info->invert != 0};
}

void encode(EntryWriter& out, Family, const ir::MarkMatch& match) {
  auto& info = out.match<xt_mark_mtinfo1>("mark", 1);
  info.mark = match.value;
  info.mask = match.mask;
}

std::optional<ir::Match> decode_mark(Family, const FoundPart& part) {
  const auto* info = structure<xt_mark_mtinfo1>(part);
  if (info == nullptr || info->invert != 0) return std::nullopt;
  return ir::MarkMatch{.value = info->mark, .mask = info->mask};
}

void encode(EntryWriter& out, Family, const ir::ClusterMatch& match) {
  auto& info = out.match<xt_cluster_match_info>("cluster", 0);
  info.total_nodes = match.total;
  info.node_mask = match.node_bits();
  info.hash_seed = ir::ClusterMatch::kHashSeed;
}

std::optional<ir::Match> decode_cluster(Family, const FoundPart& part) {
  const auto* info = structure<xt_cluster_match_info>(part);
  if (info == nullptr || info->flags != 0 || info->hash_seed != ir::ClusterMatch::kHashSeed || info->node_mask == 0)
    return std::nullopt;
  const auto first = static_cast<std::uint32_t>(std::countr_zero(info->node_mask));
  const ir::ClusterMatch match{.total = info->total_nodes,
                               .first = first,
                               .last = first + static_cast<std::uint32_t>(std::popcount(info->node_mask)) - 1};
  if (match.node_bits() != info->node_mask) return std::nullopt;
  return match;
}

// --- rates ----------------------------------------------------------------------------------------------------------

void encode(EntryWriter& out, Family, const ir::LimitMatch& match) {
  auto& info = out.match<xt_rateinfo>("limit", 0);
  info.avg = limit_period(match);
  info.burst = match.burst;
}

std::optional<ir::Match> decode_limit(Family, const FoundPart& part) {
  const auto* info = structure<xt_rateinfo>(part);
  if (info == nullptr || info->avg == 0) return std::nullopt;
  ir::LimitMatch match = limit_of_period(info->avg);
  if (match.count == 0) return std::nullopt;
  match.burst = info->burst;
  return match;
}

/// What iptables sets when no such option is given, in milliseconds.
constexpr std::uint32_t kHashlimitInterval = 1000;

void encode(EntryWriter& out, Family family, const ir::HashlimitMatch& match) {
  auto& info = out.match<xt_hashlimit_mtinfo3>("hashlimit", 3);
  copy_text(info.name, match.name);
  info.cfg.avg = hashlimit_period(match.per_second);
  info.cfg.burst = match.burst;
  info.cfg.mode = XT_HASHLIMIT_HASH_SIP | XT_HASHLIMIT_INVERT;
  info.cfg.gc_interval = kHashlimitInterval;
  info.cfg.expire = kHashlimitInterval;
  info.cfg.srcmask = match.source_length;
  info.cfg.dstmask = static_cast<std::uint8_t>(net::address_bits(family));
}

std::optional<ir::Match> decode_hashlimit(Family family, const FoundPart& part) {
  const auto* info = structure<xt_hashlimit_mtinfo3>(part);
  if (info == nullptr) return std::nullopt;
  const hashlimit_cfg3& cfg = info->cfg;
  const bool ours = cfg.mode == (XT_HASHLIMIT_HASH_SIP | XT_HASHLIMIT_INVERT) && cfg.size == 0 && cfg.max == 0 &&
                    cfg.gc_interval == kHashlimitInterval && cfg.expire == kHashlimitInterval && cfg.interval == 0 &&
                    cfg.dstmask == net::address_bits(family);
  // Slower than one a second is printed in a larger unit, with another time to expire.
  if (!ours || cfg.avg == 0 || cfg.avg > XT_HASHLIMIT_SCALE_v2 || cfg.burst > UINT32_MAX) return std::nullopt;
  return ir::HashlimitMatch{.name = text_of(info->name),
                            .per_second = static_cast<std::uint32_t>(hashlimit_per_second(cfg.avg)),
                            .burst = static_cast<std::uint32_t>(cfg.burst),
                            .source_length = cfg.srcmask};
}

// --- the rest -------------------------------------------------------------------------------------------------------

void encode(EntryWriter& out, Family, const ir::MacMatch& match) {
  auto& info = out.match<xt_mac_info>("mac", 0);
  std::copy(match.source.bytes.begin(), match.source.bytes.end(), info.srcaddr);
}

std::optional<ir::Match> decode_mac(Family, const FoundPart& part) {
  const auto* info = structure<xt_mac_info>(part);
  if (info == nullptr || info->invert != 0) return std::nullopt;
  ir::MacMatch match;
  std::copy(std::begin(info->srcaddr), std::end(info->srcaddr), match.source.bytes.begin());
  return match;
}

void encode(EntryWriter& out, Family, const ir::RpfilterMatch&) {
  out.match<xt_rpfilter_info>("rpfilter", 0).flags = XT_RPFILTER_INVERT;
}

std::optional<ir::Match> decode_rpfilter(Family, const FoundPart& part) {
  const auto* info = structure<xt_rpfilter_info>(part);
  if (info == nullptr || info->flags != XT_RPFILTER_INVERT) return std::nullopt;
  return ir::RpfilterMatch{};
}

void encode(EntryWriter& out, Family, const ir::FragmentHeaderMatch&) {
  out.match<ip6t_frag>("frag", 0).ids[1] = UINT32_MAX;
}

std::optional<ir::Match> decode_frag(Family, const FoundPart& part) {
  const auto* info = structure<ip6t_frag>(part);
  if (info == nullptr || info->ids[0] != 0 || info->ids[1] != UINT32_MAX) return std::nullopt;
  if (info->hdrlen != 0 || info->flags != 0 || info->invflags != 0) return std::nullopt;
  return ir::FragmentHeaderMatch{};
}

void encode(EntryWriter& out, Family, const ir::AddrtypeMatch& match) {
  auto& info = out.match<xt_addrtype_info_v1>("addrtype", 1);
  (match.side == ir::AddrtypeMatch::Side::Source ? info.source : info.dest) = XT_ADDRTYPE_LOCAL;
  if (match.limit_iface_in) info.flags |= XT_ADDRTYPE_LIMIT_IFACE_IN;
  if (match.limit_iface_out) info.flags |= XT_ADDRTYPE_LIMIT_IFACE_OUT;
}

std::optional<ir::Match> decode_addrtype(Family, const FoundPart& part) {
  const auto* info = structure<xt_addrtype_info_v1>(part);
  if (info == nullptr) return std::nullopt;
  const bool source = info->source == XT_ADDRTYPE_LOCAL && info->dest == 0;
  const bool destination = info->dest == XT_ADDRTYPE_LOCAL && info->source == 0;
  if (!source && !destination) return std::nullopt;
  if ((info->flags & ~std::uint32_t{XT_ADDRTYPE_LIMIT_IFACE_IN | XT_ADDRTYPE_LIMIT_IFACE_OUT}) != 0)
    return std::nullopt;
  return ir::AddrtypeMatch{.side = source ? ir::AddrtypeMatch::Side::Source : ir::AddrtypeMatch::Side::Destination,
                           .limit_iface_in = (info->flags & XT_ADDRTYPE_LIMIT_IFACE_IN) != 0,
                           .limit_iface_out = (info->flags & XT_ADDRTYPE_LIMIT_IFACE_OUT) != 0};
}

// --- sets -----------------------------------------------------------------------------------------------------------

/// What a set match says of a key: how many parts, and which of them look at the source (xt_set.h: the bit of a part is
/// its place, counted from 1).
struct SetShape {
  ir::SetKey key;
  std::uint8_t parts, sources;
};

constexpr std::uint8_t kFirst = 1u << IPSET_DIM_ONE;

constexpr std::array<SetShape, 6> kSetShapes{{{ir::SetKey::Source, 1, kFirst},
                                              {ir::SetKey::Destination, 1, 0},
                                              {ir::SetKey::SourcePort, 2, kFirst},
                                              {ir::SetKey::DestinationPort, 2, 0},
                                              {ir::SetKey::SourceDestination, 2, kFirst},
                                              {ir::SetKey::SourcePortDestination, 3, kFirst}}};

void encode_set(EntryWriter& out, const ir::SetMatch& match, const SetIndices* sets) {
  auto& info = out.match<xt_set_info_match_v4>("set", 4).match_set;
  info.index = IPSET_INVALID_ID;
  if (sets != nullptr)
    if (const auto found = sets->find(match.set); found != sets->end()) info.index = found->second;
  for (const SetShape& shape : kSetShapes) {
    if (shape.key != match.key) continue;
    info.dim = shape.parts;
    info.flags = shape.sources;
  }
  if (match.inverted) info.flags |= IPSET_INV_MATCH;
}

std::optional<ir::Match> decode_set(const FoundPart& part, const SetIndices* sets) {
  const auto* info = structure<xt_set_info_match_v4>(part);
  if (info == nullptr || sets == nullptr || info->flags != 0) return std::nullopt;
  const xt_set_info& set = info->match_set;
  const auto sources = static_cast<std::uint8_t>(set.flags & ~IPSET_INV_MATCH);
  for (const auto& [name, index] : *sets) {
    if (index != set.index) continue;
    // "src,dst" is said of two keys: the names of ours do not tell which, and the text is the same.
    for (const SetShape& shape : kSetShapes)
      if (shape.parts == set.dim && shape.sources == sources)
        return ir::SetMatch{.set = name, .key = shape.key, .inverted = (set.flags & IPSET_INV_MATCH) != 0};
  }
  return std::nullopt;
}

struct DecoderRow {
  std::string_view name;
  std::uint8_t revision;
  std::optional<ir::Match> (*decode)(Family, const FoundPart&);
};

constexpr std::array<DecoderRow, 14> kDecoders{{{"tcp", 0, decode_tcp},
                                                {"udp", 0, decode_udp},
                                                {"icmp", 0, decode_icmp},
                                                {"icmp6", 0, decode_icmp},
                                                {"conntrack", 3, decode_conntrack},
                                                {"connmark", 1, decode_connmark},
                                                {"mark", 1, decode_mark},
                                                {"cluster", 0, decode_cluster},
                                                {"limit", 0, decode_limit},
                                                {"hashlimit", 3, decode_hashlimit},
                                                {"mac", 0, decode_mac},
                                                {"rpfilter", 0, decode_rpfilter},
                                                {"frag", 0, decode_frag},
                                                {"addrtype", 1, decode_addrtype}}};

}  // namespace

void encode_match(EntryWriter& out, Family family, const ir::Match& match, const SetIndices* sets) {
  if (const auto* set = std::get_if<ir::SetMatch>(&match)) return encode_set(out, *set, sets);
  std::visit(
      [&](const auto& alternative) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(alternative)>, ir::SetMatch>)
          encode(out, family, alternative);
      },
      match);
}

void encode_comment(EntryWriter& out, std::string_view label) {
  const std::string_view text = label.substr(0, cut_size(label, kMaxComment));
  std::ranges::transform(text, out.match<xt_comment_info>("comment", 0).comment, comment_char);
}

std::optional<ir::Match> decode_match(Family family, const FoundPart& part, const SetIndices* sets) {
  if (part.name == "set" && part.revision == 4) return decode_set(part, sets);
  for (const DecoderRow& row : kDecoders)
    if (row.name == part.name && row.revision == part.revision) return row.decode(family, part);
  return std::nullopt;
}

std::optional<std::string> decode_comment(const FoundPart& part) {
  if (part.name != "comment" || part.revision != 0) return std::nullopt;
  const auto* info = structure<xt_comment_info>(part);
  if (info == nullptr) return std::nullopt;
  return text_of(info->comment);
}

}  // namespace vuurmuur::backend
