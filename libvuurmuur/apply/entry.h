// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "apply/kernel.h"
#include "backend/origin_tag.h"
#include "net/address.h"

struct xt_entry_target;

namespace vuurmuur::apply {

/// The parts of a struct ipt_entry or ip6t_entry (linux/netfilter_ipv4/ip_tables.h, linux/netfilter_ipv6/ip6_tables.h).
struct EntryParts {
  std::span<const std::byte> header;   ///< struct ipt_ip or ip6t_ip6
  std::span<const std::byte> matches;  ///< the struct xt_entry_match, one behind the other
  std::span<const std::byte> target;   ///< struct xt_entry_target with its data
  Counters counters;
  std::size_t size = 0;  ///< of the whole entry
};
[[nodiscard]] EntryParts parts_of(net::Family family, const void* entry);

/// What an entry counts: the same as parts_of() has.
[[nodiscard]] Counters counters_of(net::Family family, const void* entry);

/// Name, revision and data of one match or the target.
struct ExtensionView {
  std::string_view name;
  std::uint8_t revision = 0;
  std::span<const std::byte> data;
};
[[nodiscard]] std::vector<ExtensionView> matches_of(const EntryParts& parts);
[[nodiscard]] ExtensionView target_of(const EntryParts& parts);

/// The text of an entry's comment match, a view into it; empty when it has none.
[[nodiscard]] std::string_view comment_of(net::Family family, const void* entry);

/// The tag of an entry that has one instead of a comment. An entry that no program of ours wrote may have any.
[[nodiscard]] backend::OriginTag tag_of(net::Family family, const void* entry);

/// Whether an entry that was read from a table, with its target as the table names it, is the same rule as one that was
/// encoded. Counters and what the kernel keeps for itself do not count.
[[nodiscard]] bool is_same_rule(net::Family family, const void* in_kernel, std::string_view target_in_kernel,
                                const void* encoded);

/// Whether an entry accepts every packet that comes to it.
[[nodiscard]] bool accepts_everything(net::Family family, const void* entry, std::string_view target);

/// A number that is the same for two rules that is_same_rule() takes for the same.
[[nodiscard]] std::size_t rule_hash(net::Family family, const void* entry, std::string_view target);

/// The target or chain that an encoded entry names.
[[nodiscard]] std::string_view encoded_target(net::Family family, const void* encoded);

/// Writes counters into an entry.
void set_counters(net::Family family, std::span<std::byte> entry, const Counters& counters);

/// A copy of an entry without its comment matches.
[[nodiscard]] std::vector<std::byte> without_comment(net::Family family, const void* entry);

/// The matches and the target of an entry that are modules of the kernel. Verdicts and jumps are not; by its bytes such
/// a target cannot be told from a module with four bytes of data, like REJECT.
[[nodiscard]] std::vector<Extension> extensions_of(net::Family family, const void* entry, bool target_is_module);

}  // namespace vuurmuur::apply
