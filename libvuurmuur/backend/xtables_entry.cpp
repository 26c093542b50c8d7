// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/xtables_entry.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <cstring>
#include <utility>

#include "backend/origin_tag.h"
#include "backend/xtables_codec.h"

namespace vuurmuur::backend {
namespace {

/// The mask counts the final NUL unless the name ends in '+', so that "eth1" is not "eth10".
void set_interface(char (&name)[IFNAMSIZ], unsigned char (&mask)[IFNAMSIZ], const std::string& from) {
  if (from.empty() || from == "+") return;
  VM_ASSERT(from.size() < IFNAMSIZ);
  copy_text(name, from);
  const std::size_t counted = from.back() == '+' ? from.size() - 1 : from.size() + 1;
  std::memset(mask, 0xff, counted);
}

void set_address(void* address, void* mask, const std::optional<net::Prefix>& from) {
  if (!from) return;
  const std::size_t size = net::address_bits(from->family()) / 8;
  std::memcpy(address, from->address.bytes.data(), size);
  std::memcpy(mask, from->netmask().bytes.data(), size);
}

/// What struct ipt_ip and struct ip6t_ip6 have in common.
template <class Head>
void set_head(Head& head, const ir::Rule& rule) {
  set_address(&head.src, &head.smsk, rule.source);
  set_address(&head.dst, &head.dmsk, rule.destination);
  set_interface(head.iniface, head.iniface_mask, rule.in_interface);
  set_interface(head.outiface, head.outiface_mask, rule.out_interface);
  if (rule.protocol) head.proto = static_cast<std::uint16_t>(*rule.protocol);
}

template <class Entry>
Entry& finish(EntryWriter& writer, OriginTag tag) {
  auto& entry = writer.head<Entry>();
  entry.nfcache = std::to_underlying(tag);
  entry.target_offset = writer.target_offset();
  entry.next_offset = writer.size();
  return entry;
}

std::string_view chain_of(const ir::Table& table, const ir::Target& target) {
  if (const auto* jump = std::get_if<ir::JumpTarget>(&target)) return table.chain(jump->chain).name;
  if (const auto* jump = std::get_if<ir::GotoTarget>(&target)) return table.chain(jump->chain).name;
  return {};
}

/// None where the rule carries none.
OriginTag tag_of(const ir::Rule& rule, const TextOptions& options) {
  if (!rule.commented || options.comments || options.tags == nullptr) return OriginTag::None;
  return options.tags->at(static_cast<std::size_t>(rule.origin));
}

}  // namespace

void encode_entry(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family, const ir::Rule& rule,
                  const TextOptions& options, std::vector<std::byte>& out) {
  EntryBuffer buffer;
  append_entry(ruleset, table, family, rule, options, buffer);
  out.assign(buffer.data(), buffer.data() + buffer.size());
}

void append_entry(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family, const ir::Rule& rule,
                  const TextOptions& options, EntryBuffer& out) {
  const bool ipv4 = family == net::Family::Ipv4;
  EntryWriter writer(out, ipv4 ? sizeof(ipt_entry) : sizeof(ip6t_entry));
  for (const ir::Match& match : rule.matches) encode_match(writer, family, match, options.sets);
  const OriginTag tag = tag_of(rule, options);
  if (rule.commented && tag == OriginTag::None && (options.comments || options.tags != nullptr))
    if (const std::string& label = ruleset.origin(rule.origin).label; !label.empty()) encode_comment(writer, label);
  encode_target(writer, family, rule.target, chain_of(table, rule.target));

  const bool goes = std::holds_alternative<ir::GotoTarget>(rule.target);
  if (ipv4) {
    ipt_ip& head = finish<ipt_entry>(writer, tag).ip;
    set_head(head, rule);
    if (rule.fragment) head.flags |= IPT_F_FRAG;
    if (goes) head.flags |= IPT_F_GOTO;
    return;
  }
  ip6t_ip6& head = finish<ip6t_entry>(writer, tag).ipv6;
  set_head(head, rule);
  if (rule.protocol && *rule.protocol != net::Protocol{}) head.flags |= IP6T_F_PROTO;
  if (goes) head.flags |= IP6T_F_GOTO;
}

}  // namespace vuurmuur::backend
