// SPDX-License-Identifier: GPL-2.0-or-later
// The way back from a kernel entry to text: the parts are decoded to the values of ir, which the text backend prints.
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <cstring>
#include <vector>

#include "backend/append_format.h"
#include "backend/protocol_name.h"
#include "backend/rule_parts.h"
#include "backend/xtables_codec.h"
#include "backend/xtables_entry.h"

namespace vuurmuur::backend {
namespace {

/// An address and mask as the kernel has them: the mask may have holes.
struct AddressCondition {
  net::Address address, mask;
  bool inverted = false;
};

struct InterfaceCondition {
  std::string name;
  bool inverted = false;
};

/// An entry of either family, its parts found and their sizes checked.
struct FoundEntry {
  AddressCondition source, destination;
  InterfaceCondition in, out;
  std::uint16_t protocol = 0;
  bool protocol_inverted = false;
  bool fragment = false, fragment_inverted = false;
  bool goes = false;
  std::vector<FoundPart> matches;
  std::optional<FoundPart> target;
  bool malformed = false;
};

/// Finds a part at an offset of the entry; nothing when it does not end by `end`.
std::optional<FoundPart> part_at(const std::byte* entry, std::size_t offset, std::size_t end) {
  constexpr std::size_t kHead = xt_aligned(sizeof(xt_entry_match));
  if (offset % alignof(xt_entry_match) != 0 || offset + kHead > end) return std::nullopt;
  const auto* head = reinterpret_cast<const xt_entry_match*>(entry + offset);
  const std::size_t size = head->u.user.match_size;
  if (size < kHead || offset + size > end) return std::nullopt;
  const char* name = head->u.user.name;
  return FoundPart{.name = {name, ::strnlen(name, sizeof head->u.user.name)},
                   .revision = head->u.user.revision,
                   .data = {entry + offset + kHead, size - kHead}};
}

template <class Entry>
void find_parts(const void* data, FoundEntry& found) {
  const auto* bytes = static_cast<const std::byte*>(data);
  const auto* entry = static_cast<const Entry*>(data);
  const std::size_t target_offset = entry->target_offset, size = entry->next_offset;
  std::size_t offset = sizeof(Entry);
  if (target_offset < offset || target_offset > size) {
    found.malformed = true;
    return;
  }
  while (offset < target_offset) {
    const auto part = part_at(bytes, offset, target_offset);
    if (!part) {
      found.malformed = true;
      break;
    }
    found.matches.push_back(*part);
    offset += xt_aligned(sizeof(xt_entry_match)) + part->data.size();
  }
  found.target = part_at(bytes, target_offset, size);
  if (!found.target) found.malformed = true;
}

net::Address address_of(net::Family family, const void* bytes) {
  net::Address address{.family = family};
  std::memcpy(address.bytes.data(), bytes, net::address_bits(family) / 8);
  return address;
}

/// What struct ipt_ip and struct ip6t_ip6 have in common. The bits of invflags have the same values in both.
template <class Head>
void find_head(net::Family family, const Head& head, FoundEntry& found) {
  const auto inverted = [&](unsigned bit) { return (head.invflags & bit) != 0; };
  found.source = {address_of(family, &head.src), address_of(family, &head.smsk), inverted(IPT_INV_SRCIP)};
  found.destination = {address_of(family, &head.dst), address_of(family, &head.dmsk), inverted(IPT_INV_DSTIP)};
  if (head.iniface_mask[0] != 0) found.in = {text_of(head.iniface), inverted(IPT_INV_VIA_IN)};
  if (head.outiface_mask[0] != 0) found.out = {text_of(head.outiface), inverted(IPT_INV_VIA_OUT)};
  found.protocol = head.proto;
  found.protocol_inverted = inverted(XT_INV_PROTO);
}

FoundEntry find_entry(net::Family family, const void* data) {
  FoundEntry found;
  if (family == net::Family::Ipv4) {
    const ipt_ip& head = static_cast<const ipt_entry*>(data)->ip;
    find_head(family, head, found);
    found.fragment = (head.flags & IPT_F_FRAG) != 0;
    found.fragment_inverted = (head.invflags & IPT_INV_FRAG) != 0;
    found.goes = (head.flags & IPT_F_GOTO) != 0;
    find_parts<ipt_entry>(data, found);
    return found;
  }
  const ip6t_ip6& head = static_cast<const ip6t_entry*>(data)->ipv6;
  find_head(family, head, found);
  found.goes = (head.flags & IP6T_F_GOTO) != 0;
  find_parts<ip6t_entry>(data, found);
  return found;
}

/// The length of a mask; nothing when it has holes.
std::optional<std::uint8_t> mask_length(const net::Address& mask) {
  std::uint8_t length = 0;
  const auto bits = static_cast<std::uint8_t>(net::address_bits(mask.family));
  while (length < bits && (mask.bytes[length / 8] & 0x80u >> length % 8) != 0) ++length;
  const net::Prefix prefix{.address = mask, .length = length};
  if (prefix.netmask() != mask) return std::nullopt;
  return length;
}

void append_not(std::string& out, bool inverted) {
  if (inverted) out += "! ";
}

void append_address(std::string& out, std::string_view option, const AddressCondition& condition) {
  const auto length = mask_length(condition.mask);
  if (length && *length == 0 && !condition.inverted) return;
  append_not(out, condition.inverted);
  append(out, "{} {}/{} ", option, condition.address.to_string(),
         length ? std::to_string(*length) : condition.mask.to_string());
}

void append_interface(std::string& out, std::string_view option, const InterfaceCondition& condition) {
  if (condition.name.empty()) return;
  append_not(out, condition.inverted);
  append(out, "{} {} ", option, condition.name);
}

void append_head(std::string& out, const FoundEntry& found) {
  append_address(out, "-s", found.source);
  append_address(out, "-d", found.destination);
  append_interface(out, "-i", found.in);
  append_interface(out, "-o", found.out);
  if (found.protocol != 0) {
    append_not(out, found.protocol_inverted);
    append(out, "-p {} ",
           found.protocol <= UINT8_MAX ? protocol_name(static_cast<std::uint8_t>(found.protocol))
                                       : std::to_string(found.protocol));
  }
  if (found.fragment) {
    append_not(out, found.fragment_inverted);
    out += "-f ";
  }
}

void append_found_match(std::string& out, net::Family family, const FoundPart& part, const TextOptions& options) {
  if (const auto comment = decode_comment(part)) {
    if (options.comments) append_comment(out, *comment);
  } else if (const auto match = decode_match(family, part, options.sets)) {
    append_match(out, family, *match);
  } else {
    append(out, "-m {} [rev {}] ", part.name, part.revision);
  }
}

/// Whether a target is a verdict or a jump: the kernel's have no name, those that encode_entry() makes the name of the
/// verdict or chain.
bool is_standard(const FoundPart& part, std::string_view target_name, bool goes) {
  if (part.name.empty()) return true;
  if (part.name != target_name) return false;
  return goes || part.name == "ACCEPT" || part.name == "DROP" || part.name.starts_with(ir::kOwnPrefix);
}

void append_found_target(std::string& out, net::Family family, const FoundEntry& found, std::string_view target_name) {
  if (is_standard(*found.target, target_name, found.goes)) {
    // A rule without a target counts only, and has no name.
    if (!target_name.empty()) append(out, "{} {} ", found.goes ? "-g" : "-j", target_name);
  } else if (const auto target = decode_target(family, *found.target)) {
    append_target(out, family, *target, {});
  } else {
    append(out, "-j {} [rev {}] ", found.target->name, found.target->revision);
  }
}

}  // namespace

std::string entry_text(net::Family family, const void* entry, std::string_view target_name,
                       const TextOptions& options) {
  const FoundEntry found = find_entry(family, entry);
  std::string out;
  append_head(out, found);
  for (const FoundPart& match : found.matches) append_found_match(out, family, match, options);
  if (found.target) append_found_target(out, family, found, target_name);
  if (found.malformed) out += "[malformed] ";
  if (!out.empty()) out.pop_back();
  return out;
}

std::string entry_comment(net::Family family, const void* entry) {
  for (const FoundPart& match : find_entry(family, entry).matches)
    if (auto comment = decode_comment(match)) return *comment;
  return {};
}

}  // namespace vuurmuur::backend
