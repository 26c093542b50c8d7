// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "backend/entry_buffer.h"
#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// Encodes one rule as a kernel entry: struct ipt_entry (IPv4) or ip6t_entry (IPv6) of linux/netfilter_ipv4/ip_tables.h
/// and linux/netfilter_ipv6/ip6_tables.h with its matches and its target, sizes aligned with XT_ALIGN, all padding
/// zero. A jump or verdict is a standard target with the chain's name (or ACCEPT, DROP) as its name and verdict 0,
/// which is the form that libiptc's append takes; a goto is the same with IPT_F_GOTO (IP6T_F_GOTO) set. `out` is
/// cleared first, so that one buffer serves many calls.
void encode_entry(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family, const ir::Rule& rule,
                  const TextOptions& options, std::vector<std::byte>& out);
/// The same behind what `out` holds.
void append_entry(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family, const ir::Rule& rule,
                  const TextOptions& options, EntryBuffer& out);

/// A kernel entry as an iptables-save line without "-A CHAIN ". `target_name` is the target or chain that libiptc names
/// for the entry. Matches and targets that Vuurmuur never emits are shown by name and revision, "-m NAME [rev N]", so
/// that foreign rules can be listed too. `entry` must have the next_offset bytes that it says it has; sizes within it
/// are checked, and one that contradicts itself ends in "[malformed]". Without `options.comments` the comment is left
/// out.
[[nodiscard]] std::string entry_text(net::Family family, const void* entry, std::string_view target_name,
                                     const TextOptions& options = {});

/// The text of an entry's comment match, or empty.
[[nodiscard]] std::string entry_comment(net::Family family, const void* entry);

}  // namespace vuurmuur::backend
