// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/capacity.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <algorithm>
#include <cerrno>

#include "apply/table_errors.h"
#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

/// How often the largest table is in memory at once.
constexpr std::uint64_t kCopies = 3;

/// The smallest entry: no match and the standard target.
std::uint64_t smallest_entry(net::Family family) {
  return (family == net::Family::Ipv4 ? sizeof(ipt_entry) : sizeof(ip6t_entry)) + sizeof(xt_standard_target);
}

/// The smallest element of a hash in ip_set, without its bucket: one address, and the two counters if it counts
/// (net/netfilter/ipset/ip_set_hash_ip.c, struct ip_set_counter).
std::uint64_t smallest_element(const ir::Set& set) {
  return (set.family == net::Family::Ipv4 ? 4u : 16u) + (set.is_counted ? 16u : 0u);
}

/// The message of a rule with nothing but a verdict: struct nlmsghdr, nfgenmsg, the names of table and chain, one
/// expression "immediate". And what the kernel makes of it: struct nft_rule and nft_immediate_expr
/// (include/net/netfilter/nf_tables.h).
constexpr std::uint64_t kSmallestNftMessage = 100, kSmallestNftRule = 48;
/// An address with its nested attributes; struct nft_set_ext and a node of a tree or hash are not smaller.
constexpr std::uint64_t kSmallestNftElement = 16;

/// Refuses what needs more than there is. `what`: "a table of 10000", of rules.
base::Result<void> check_memory(const std::string& what, std::uint64_t elements, std::uint64_t needed,
                                std::optional<std::uint64_t> available_memory) {
  if (!available_memory || needed <= *available_memory) return {};
  return std::unexpected(base::Error{
      .message = what + " rules and " + std::to_string(elements) + " elements of sets need at least " +
                 std::to_string(needed / 1'000'000) + " MB of memory while they are loaded, and this machine has " +
                 std::to_string(*available_memory / 1'000'000) + " MB left",
      .code = ENOMEM});
}

}  // namespace

base::Result<void> check_capacity(const ir::Ruleset& ruleset, std::optional<std::uint64_t> available_memory) {
  std::uint64_t largest = 0, rules = 0, in_sets = 0, elements = 0;
  for (const net::Family family : net::kFamilies) {
    for (const ir::Table& table : ruleset.rules(family).tables) {
      const std::uint64_t entries = table.rule_count(), bytes = entries * smallest_entry(family);
      VM_TRY_VOID(check_table_size(family, table.name(), entries, bytes));
      if (bytes > largest) largest = bytes, rules = entries;
    }
  }
  for (const ir::Set& set : ruleset.sets) {
    elements += set.elements.size();
    in_sets += set.elements.size() * smallest_element(set);
  }
  return check_memory("a table of " + std::to_string(rules), elements, kCopies * largest + in_sets, available_memory);
}

base::Result<void> check_nft_capacity(const ir::Ruleset& ruleset, std::optional<std::uint64_t> available_memory) {
  const std::uint64_t rules = ruleset.rule_count();
  std::uint64_t elements = 0;
  for (const ir::Set& set : ruleset.sets) elements += set.elements.size();
  const std::uint64_t needed = rules * (kSmallestNftMessage + kSmallestNftRule) + elements * 2 * kSmallestNftElement;
  return check_memory(std::to_string(rules), elements, needed, available_memory);
}

std::optional<std::uint64_t> available_in(std::string_view meminfo) {
  // "MemAvailable:   20123456 kB"
  constexpr std::string_view kName = "MemAvailable:", kUnit = "kB";
  for (std::string_view line : base::split(meminfo, '\n')) {
    if (!line.starts_with(kName) || !line.ends_with(kUnit)) continue;
    line.remove_prefix(kName.size());
    line.remove_suffix(kUnit.size());
    const auto kilobytes = base::parse_number<std::uint64_t>(base::trim(line));
    if (kilobytes && *kilobytes <= UINT64_MAX / 1024) return *kilobytes * 1024;
  }
  return std::nullopt;
}

}  // namespace vuurmuur::apply
