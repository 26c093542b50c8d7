// SPDX-License-Identifier: GPL-2.0-or-later
// The targets as structures of linux/netfilter/xt_*.h and nf_nat.h, one encoder and one decoder each.
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_CONNMARK.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netfilter/xt_TCPMSS.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>

#include <array>

#include "backend/reject_type.h"
#include "backend/xtables_codec.h"

namespace vuurmuur::backend {
namespace {

using net::Family;

/// What an encoder is told beside the target.
struct Context {
  Family family;
  std::string_view chain;
};

// --- verdicts and jumps ---------------------------------------------------------------------------------------------

void encode(EntryWriter& out, const Context&, const ir::AcceptTarget&) { out.standard("ACCEPT"); }
void encode(EntryWriter& out, const Context&, const ir::DropTarget&) { out.standard("DROP"); }
void encode(EntryWriter& out, const Context& context, const ir::JumpTarget&) { out.standard(context.chain); }
void encode(EntryWriter& out, const Context& context, const ir::GotoTarget&) { out.standard(context.chain); }

// --- REJECT, NFLOG, NFQUEUE -----------------------------------------------------------------------------------------

void encode(EntryWriter& out, const Context& context, const ir::RejectTarget& target) {
  // The IPv4 structure has an enum of the same size in the same place.
  static_assert(sizeof(ipt_reject_info) == sizeof(ip6t_reject_info));
  out.target<ip6t_reject_info>("REJECT", 0).with = reject_type(context.family, target.with).number;
}

std::optional<ir::Target> decode_reject(Family family, const FoundPart& part) {
  const auto* info = structure<ip6t_reject_info>(part);
  if (info == nullptr) return std::nullopt;
  const auto with = reject_of_number(family, info->with);
  if (!with) return std::nullopt;
  return ir::RejectTarget{*with};
}

void encode(EntryWriter& out, const Context&, const ir::NflogTarget& target) {
  auto& info = out.target<xt_nflog_info>("NFLOG", 0);
  info.group = target.group;
  info.threshold = XT_NFLOG_DEFAULT_THRESHOLD;
  copy_text(info.prefix, target.prefix);
}

std::optional<ir::Target> decode_nflog(Family, const FoundPart& part) {
  const auto* info = structure<xt_nflog_info>(part);
  if (info == nullptr || info->threshold != XT_NFLOG_DEFAULT_THRESHOLD) return std::nullopt;
  if (info->len != 0 || info->flags != 0) return std::nullopt;
  return ir::NflogTarget{.group = info->group, .prefix = text_of(info->prefix)};
}

void encode(EntryWriter& out, const Context&, const ir::NfqueueTarget& target) {
  auto& info = out.target<xt_NFQ_info_v3>("NFQUEUE", 3);
  info.queuenum = target.first;
  info.queues_total = static_cast<std::uint16_t>(target.last - target.first + 1);
  if (target.bypass) info.flags |= NFQ_FLAG_BYPASS;
  if (target.cpu_fanout && target.last != target.first) info.flags |= NFQ_FLAG_CPU_FANOUT;
}

std::optional<ir::Target> decode_nfqueue(Family, const FoundPart& part) {
  const auto* info = structure<xt_NFQ_info_v3>(part);
  if (info == nullptr || info->queues_total == 0 || (info->flags & ~NFQ_FLAG_MASK) != 0) return std::nullopt;
  const unsigned last = info->queuenum + info->queues_total - 1u;
  if (last > UINT16_MAX) return std::nullopt;
  return ir::NfqueueTarget{.first = info->queuenum,
                           .last = static_cast<std::uint16_t>(last),
                           .bypass = (info->flags & NFQ_FLAG_BYPASS) != 0,
                           .cpu_fanout = (info->flags & NFQ_FLAG_CPU_FANOUT) != 0};
}

// --- marks ----------------------------------------------------------------------------------------------------------

void encode(EntryWriter& out, const Context&, const ir::ConnmarkTarget& target) {
  auto& info = out.target<xt_connmark_tginfo2>("CONNMARK", 2);
  info.ctmark = target.value;
  info.ctmask = target.mask;
  info.nfmask = UINT32_MAX;  // for --save-mark and --restore-mark alone
  info.mode = XT_CONNMARK_SET;
}

std::optional<ir::Target> decode_connmark(Family, const FoundPart& part) {
  const auto* info = structure<xt_connmark_tginfo2>(part);
  if (info == nullptr || info->mode != XT_CONNMARK_SET || info->shift_bits != 0) return std::nullopt;
  return ir::ConnmarkTarget{.value = info->ctmark, .mask = info->ctmask};
}

void encode(EntryWriter& out, const Context&, const ir::MarkTarget& target) {
  auto& info = out.target<xt_mark_tginfo2>("MARK", 2);
  info.mark = target.value;
  info.mask = target.mask;
}

std::optional<ir::Target> decode_mark(Family, const FoundPart& part) {
  const auto* info = structure<xt_mark_tginfo2>(part);
  if (info == nullptr) return std::nullopt;
  return ir::MarkTarget{.value = info->mark, .mask = info->mask};
}

// --- NAT ------------------------------------------------------------------------------------------------------------

/// What all NAT targets say, whichever structure it stands in.
struct NatRange {
  unsigned flags = 0;
  std::optional<net::Address> address;
  net::PortRange ports{0, 0};  ///< that count when flags say so
};

unsigned random_flag(bool random) { return random ? NF_NAT_RANGE_PROTO_RANDOM : 0u; }

std::uint32_t bytes_as_word(const net::Address& address) {
  std::uint32_t word = 0;
  std::memcpy(&word, address.bytes.data(), sizeof word);
  return word;
}

net::Address address_of(Family family, const void* bytes) {
  net::Address address{.family = family};
  std::memcpy(address.bytes.data(), bytes, net::address_bits(family) / 8);
  return address;
}

/// Fills a struct nf_nat_range or nf_nat_range2.
template <class Range>
void set_range(Range& range, const NatRange& nat) {
  range.flags = nat.flags;
  if (nat.address) {
    std::memcpy(&range.min_addr, nat.address->bytes.data(), nat.address->bytes.size());
    range.max_addr = range.min_addr;
  }
  range.min_proto.all = to_network(nat.ports.first);
  range.max_proto.all = to_network(nat.ports.last);
}

/// Writes a target whose structure is struct nf_nat_range for IPv6 and the older one with a count for IPv4.
void encode_by_family(EntryWriter& out, Family family, std::string_view name, std::uint8_t ipv6_revision,
                      const NatRange& nat) {
  if (family == Family::Ipv6) return set_range(out.target<nf_nat_range>(name, ipv6_revision), nat);
  auto& info = out.target<nf_nat_ipv4_multi_range_compat>(name, 0);
  info.rangesize = 1;
  nf_nat_ipv4_range& range = info.range[0];
  range.flags = nat.flags;
  if (nat.address) range.min_ip = range.max_ip = bytes_as_word(*nat.address);
  range.min.all = to_network(nat.ports.first);
  range.max.all = to_network(nat.ports.last);
}

/// Reads nf_nat_range and nf_nat_range2; nothing for a range of addresses.
template <class Range>
std::optional<NatRange> range_of(Family family, const FoundPart& part) {
  const auto* info = structure<Range>(part);
  if (info == nullptr) return std::nullopt;
  NatRange nat{
      .flags = info->flags, .address = {}, .ports = {to_network(info->min_proto.all), to_network(info->max_proto.all)}};
  if ((nat.flags & NF_NAT_RANGE_MAP_IPS) == 0) return nat;
  if (std::memcmp(&info->min_addr, &info->max_addr, net::address_bits(family) / 8) != 0) return std::nullopt;
  nat.address = address_of(family, &info->min_addr);
  return nat;
}

std::optional<NatRange> ipv4_range_of(const FoundPart& part) {
  const auto* info = structure<nf_nat_ipv4_multi_range_compat>(part);
  if (info == nullptr || info->rangesize != 1) return std::nullopt;
  const nf_nat_ipv4_range& range = info->range[0];
  NatRange nat{.flags = range.flags, .address = {}, .ports = {to_network(range.min.all), to_network(range.max.all)}};
  if ((nat.flags & NF_NAT_RANGE_MAP_IPS) == 0) return nat;
  if (range.min_ip != range.max_ip) return std::nullopt;
  nat.address = address_of(Family::Ipv4, &range.min_ip);
  return nat;
}

std::optional<NatRange> range_by_family(Family family, const FoundPart& part) {
  return family == Family::Ipv4 ? ipv4_range_of(part) : range_of<nf_nat_range>(family, part);
}

/// Whether a range has the wanted flags, others at most of `optional`.
bool has_flags(const NatRange& nat, unsigned wanted, unsigned optional) {
  return (nat.flags & wanted) == wanted && (nat.flags & ~(wanted | optional)) == 0;
}

bool is_random(const NatRange& nat) { return (nat.flags & NF_NAT_RANGE_PROTO_RANDOM) != 0; }

void encode(EntryWriter& out, const Context&, const ir::DnatTarget& target) {
  NatRange nat{.flags = NF_NAT_RANGE_MAP_IPS | random_flag(target.random), .address = target.address};
  if (target.ports) {
    nat.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
    nat.ports = *target.ports;
  }
  set_range(out.target<nf_nat_range2>("DNAT", 2), nat);
}

std::optional<ir::Target> decode_dnat(Family family, const FoundPart& part) {
  const auto nat = range_of<nf_nat_range2>(family, part);
  if (!nat || !has_flags(*nat, NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_SPECIFIED | NF_NAT_RANGE_PROTO_RANDOM))
    return std::nullopt;
  ir::DnatTarget target{.address = *nat->address, .ports = {}, .random = is_random(*nat)};
  if ((nat->flags & NF_NAT_RANGE_PROTO_SPECIFIED) != 0) target.ports = nat->ports;
  return target;
}

void encode(EntryWriter& out, const Context& context, const ir::SnatTarget& target) {
  encode_by_family(out, context.family, "SNAT", 1,
                   {.flags = NF_NAT_RANGE_MAP_IPS | random_flag(target.random), .address = target.address});
}

std::optional<ir::Target> decode_snat(Family family, const FoundPart& part) {
  const auto nat = range_by_family(family, part);
  if (!nat || !has_flags(*nat, NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_RANDOM)) return std::nullopt;
  return ir::SnatTarget{.address = *nat->address, .random = is_random(*nat)};
}

void encode(EntryWriter& out, const Context& context, const ir::MasqueradeTarget& target) {
  encode_by_family(out, context.family, "MASQUERADE", 0, {.flags = random_flag(target.random), .address = {}});
}

std::optional<ir::Target> decode_masquerade(Family family, const FoundPart& part) {
  const auto nat = range_by_family(family, part);
  if (!nat || !has_flags(*nat, 0, NF_NAT_RANGE_PROTO_RANDOM)) return std::nullopt;
  return ir::MasqueradeTarget{.random = is_random(*nat)};
}

void encode(EntryWriter& out, const Context& context, const ir::RedirectTarget& target) {
  encode_by_family(out, context.family, "REDIRECT", 0,
                   {.flags = NF_NAT_RANGE_PROTO_SPECIFIED | random_flag(target.random),
                    .address = {},
                    .ports = net::PortRange::one(target.port)});
}

std::optional<ir::Target> decode_redirect(Family family, const FoundPart& part) {
  const auto nat = range_by_family(family, part);
  if (!nat || !has_flags(*nat, NF_NAT_RANGE_PROTO_SPECIFIED, NF_NAT_RANGE_PROTO_RANDOM)) return std::nullopt;
  if (nat->ports.first != nat->ports.last) return std::nullopt;
  return ir::RedirectTarget{.port = nat->ports.first, .random = is_random(*nat)};
}

// --- CT, TCPMSS -----------------------------------------------------------------------------------------------------

void encode(EntryWriter& out, const Context&, const ir::CtHelperTarget& target) {
  copy_text(out.target<xt_ct_target_info_v1>("CT", 2).helper, target.helper);
}

std::optional<ir::Target> decode_ct(Family, const FoundPart& part) {
  const auto* info = structure<xt_ct_target_info_v1>(part);
  if (info == nullptr || info->flags != 0 || info->zone != 0 || info->ct_events != 0 || info->exp_events != 0)
    return std::nullopt;
  if (info->timeout[0] != '\0' || info->helper[0] == '\0') return std::nullopt;
  return ir::CtHelperTarget{text_of(info->helper)};
}

void encode(EntryWriter& out, const Context&, const ir::TcpmssTarget&) {
  out.target<xt_tcpmss_info>("TCPMSS", 0).mss = XT_TCPMSS_CLAMP_PMTU;
}

std::optional<ir::Target> decode_tcpmss(Family, const FoundPart& part) {
  const auto* info = structure<xt_tcpmss_info>(part);
  if (info == nullptr || info->mss != XT_TCPMSS_CLAMP_PMTU) return std::nullopt;
  return ir::TcpmssTarget{};
}

struct DecoderRow {
  std::string_view name;
  std::uint8_t ipv4_revision, ipv6_revision;
  std::optional<ir::Target> (*decode)(Family, const FoundPart&);
};

constexpr std::array<DecoderRow, 11> kDecoders{{{"REJECT", 0, 0, decode_reject},
                                                {"NFLOG", 0, 0, decode_nflog},
                                                {"NFQUEUE", 3, 3, decode_nfqueue},
                                                {"CONNMARK", 2, 2, decode_connmark},
                                                {"MARK", 2, 2, decode_mark},
                                                {"DNAT", 2, 2, decode_dnat},
                                                {"SNAT", 0, 1, decode_snat},
                                                {"MASQUERADE", 0, 0, decode_masquerade},
                                                {"REDIRECT", 0, 0, decode_redirect},
                                                {"CT", 2, 2, decode_ct},
                                                {"TCPMSS", 0, 0, decode_tcpmss}}};

}  // namespace

void encode_target(EntryWriter& out, Family family, const ir::Target& target, std::string_view chain) {
  const Context context{family, chain};
  std::visit([&](const auto& alternative) { encode(out, context, alternative); }, target);
}

std::optional<ir::Target> decode_target(Family family, const FoundPart& part) {
  for (const DecoderRow& row : kDecoders) {
    const std::uint8_t revision = family == Family::Ipv4 ? row.ipv4_revision : row.ipv6_revision;
    if (row.name == part.name && revision == part.revision) return row.decode(family, part);
  }
  return std::nullopt;
}

}  // namespace vuurmuur::backend
