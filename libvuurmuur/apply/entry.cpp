// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/entry.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace vuurmuur::apply {
namespace {

std::span<const std::byte> bytes_at(const void* begin, std::size_t size) {
  return {static_cast<const std::byte*>(begin), size};
}

template <class Entry, class Header>
EntryParts parts_as(const void* raw) {
  const auto* entry = static_cast<const Entry*>(raw);
  const auto* bytes = static_cast<const std::byte*>(raw);
  return {.header = bytes_at(raw, sizeof(Header)),
          .matches = {bytes + sizeof(Entry), entry->target_offset - sizeof(Entry)},
          .target = {bytes + entry->target_offset, static_cast<std::size_t>(entry->next_offset - entry->target_offset)},
          .counters = {.packets = entry->counters.pcnt, .bytes = entry->counters.bcnt},
          .size = entry->next_offset};
}

std::string_view bounded_name(const char* name, std::size_t capacity) { return {name, strnlen(name, capacity)}; }

bool equal_bytes(std::span<const std::byte> a, std::span<const std::byte> b) { return std::ranges::equal(a, b); }

bool is_same_extension(const ExtensionView& a, const ExtensionView& b) {
  return a.name == b.name && a.revision == b.revision && equal_bytes(a.data, b.data);
}

bool is_comment(const ExtensionView& match) { return match.name == "comment"; }

/// Calls `each` with every match, its whole bytes and its view.
template <class Each>
void for_each_match(const EntryParts& parts, Each each) {
  for (std::size_t at = 0; at + sizeof(xt_entry_match) <= parts.matches.size();) {
    const auto* match = reinterpret_cast<const xt_entry_match*>(parts.matches.data() + at);
    const std::size_t size = match->u.match_size;
    if (size < sizeof(xt_entry_match) || size > parts.matches.size() - at) return;
    each(parts.matches.subspan(at, size),
         ExtensionView{.name = bounded_name(match->u.user.name, sizeof match->u.user.name),
                       .revision = match->u.user.revision,
                       .data = parts.matches.subspan(at + sizeof(xt_entry_match), size - sizeof(xt_entry_match))});
    at += size;
  }
}

}  // namespace

EntryParts parts_of(net::Family family, const void* entry) {
  return family == net::Family::Ipv4 ? parts_as<ipt_entry, ipt_ip>(entry) : parts_as<ip6t_entry, ip6t_ip6>(entry);
}

Counters counters_of(net::Family family, const void* entry) {
  const auto& counters = family == net::Family::Ipv4 ? static_cast<const ipt_entry*>(entry)->counters
                                                     : static_cast<const ip6t_entry*>(entry)->counters;
  return {.packets = counters.pcnt, .bytes = counters.bcnt};
}

std::vector<ExtensionView> matches_of(const EntryParts& parts) {
  std::vector<ExtensionView> matches;
  for_each_match(parts, [&](std::span<const std::byte>, const ExtensionView& match) { matches.push_back(match); });
  return matches;
}

ExtensionView target_of(const EntryParts& parts) {
  const auto* target = reinterpret_cast<const xt_entry_target*>(parts.target.data());
  return {.name = bounded_name(target->u.user.name, sizeof target->u.user.name),
          .revision = target->u.user.revision,
          .data = parts.target.subspan(sizeof(xt_entry_target))};
}

std::string_view comment_of(net::Family family, const void* entry) {
  // Asked of every rule when counters are read: nothing is looked at but what is needed.
  constexpr char kName[] = "comment";
  const std::span<const std::byte> matches = parts_of(family, entry).matches;
  for (std::size_t at = 0; at + sizeof(xt_entry_match) <= matches.size();) {
    const auto* match = reinterpret_cast<const xt_entry_match*>(matches.data() + at);
    const std::size_t size = match->u.match_size;
    if (size < sizeof(xt_entry_match) || size > matches.size() - at) break;
    if (std::memcmp(match->u.user.name, kName, sizeof kName) == 0)
      if (const auto text = bounded_name(reinterpret_cast<const char*>(match->data), size - sizeof(xt_entry_match));
          !text.empty())
        return text;
    at += size;
  }
  return {};
}

backend::OriginTag tag_of(net::Family family, const void* entry) {
  return static_cast<backend::OriginTag>(family == net::Family::Ipv4 ? static_cast<const ipt_entry*>(entry)->nfcache
                                                                     : static_cast<const ip6t_entry*>(entry)->nfcache);
}

bool is_same_rule(net::Family family, const void* in_kernel, std::string_view target_in_kernel, const void* encoded) {
  const EntryParts a = parts_of(family, in_kernel), b = parts_of(family, encoded);
  if (a.size != b.size || a.matches.size() != b.matches.size() || !equal_bytes(a.header, b.header)) return false;
  if (tag_of(family, in_kernel) != tag_of(family, encoded)) return false;
  const ExtensionView target_a = target_of(a), target_b = target_of(b);
  if (target_in_kernel != target_b.name) return false;
  // A verdict or jump read from the kernel has no name of its own and an offset that only the kernel understands.
  if (!target_a.name.empty() && !is_same_extension(target_a, target_b)) return false;
  // The bytes behind the end of a name are whatever they happen to be, so matches are compared field by field.
  for (std::size_t at = 0; at < a.matches.size();) {
    const auto* match_a = reinterpret_cast<const xt_entry_match*>(a.matches.data() + at);
    const auto* match_b = reinterpret_cast<const xt_entry_match*>(b.matches.data() + at);
    const std::size_t size = match_a->u.match_size;
    if (size < sizeof(xt_entry_match) || size != match_b->u.match_size || size > a.matches.size() - at) return false;
    if (match_a->u.user.revision != match_b->u.user.revision) return false;
    if (std::strncmp(match_a->u.user.name, match_b->u.user.name, sizeof match_a->u.user.name) != 0) return false;
    if (std::memcmp(match_a->data, match_b->data, size - sizeof(xt_entry_match)) != 0) return false;
    at += size;
  }
  return true;
}

std::size_t rule_hash(net::Family family, const void* entry, std::string_view target) {
  const EntryParts parts = parts_of(family, entry);
  std::size_t hash = 0;
  const auto add = [&](std::string_view text) {
    constexpr std::size_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio
    hash = (hash ^ std::hash<std::string_view>()(text)) * kOdd;
  };
  const auto add_bytes = [&](std::span<const std::byte> bytes) {
    add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  add_bytes(parts.header);
  hash ^= std::to_underlying(tag_of(family, entry));
  for_each_match(parts, [&](std::span<const std::byte>, const ExtensionView& match) {
    add(match.name);
    add_bytes(match.data);
  });
  add(target);
  // What may be a verdict is an offset in one entry and nothing in the other.
  if (parts.target.size() != XT_ALIGN(sizeof(xt_standard_target))) add_bytes(target_of(parts).data);
  return hash;
}

std::string_view encoded_target(net::Family family, const void* encoded) {
  return target_of(parts_of(family, encoded)).name;
}

bool accepts_everything(net::Family family, const void* entry, std::string_view target) {
  if (target != "ACCEPT") return false;
  const EntryParts parts = parts_of(family, entry);
  if (!std::ranges::all_of(parts.header, [](std::byte b) { return b == std::byte{0}; })) return false;
  return std::ranges::all_of(matches_of(parts), is_comment);
}

void set_counters(net::Family family, std::span<std::byte> entry, const Counters& counters) {
  const xt_counters value{.pcnt = counters.packets, .bcnt = counters.bytes};
  const std::size_t at = family == net::Family::Ipv4 ? offsetof(ipt_entry, counters) : offsetof(ip6t_entry, counters);
  std::memcpy(entry.data() + at, &value, sizeof value);
}

std::vector<std::byte> without_comment(net::Family family, const void* entry) {
  const EntryParts parts = parts_of(family, entry);
  const auto* begin = static_cast<const std::byte*>(entry);
  std::vector<std::byte> copy(begin, parts.matches.data());
  for_each_match(parts, [&](std::span<const std::byte> bytes, const ExtensionView& match) {
    if (!is_comment(match)) copy.insert(copy.end(), bytes.begin(), bytes.end());
  });
  const auto target_offset = static_cast<std::uint16_t>(copy.size());
  copy.insert(copy.end(), parts.target.begin(), parts.target.end());
  const auto next_offset = static_cast<std::uint16_t>(copy.size());
  const bool is_ipv4 = family == net::Family::Ipv4;
  std::memcpy(copy.data() + (is_ipv4 ? offsetof(ipt_entry, target_offset) : offsetof(ip6t_entry, target_offset)),
              &target_offset, sizeof target_offset);
  std::memcpy(copy.data() + (is_ipv4 ? offsetof(ipt_entry, next_offset) : offsetof(ip6t_entry, next_offset)),
              &next_offset, sizeof next_offset);
  return copy;
}

std::vector<Extension> extensions_of(net::Family family, const void* entry, bool target_is_module) {
  const EntryParts parts = parts_of(family, entry);
  std::vector<Extension> found;
  for (const ExtensionView& match : matches_of(parts))
    found.push_back({.is_target = false, .name = std::string(match.name), .revision = match.revision});
  const ExtensionView target = target_of(parts);
  if (target_is_module)
    found.push_back({.is_target = true, .name = std::string(target.name), .revision = target.revision});
  return found;
}

}  // namespace vuurmuur::apply
