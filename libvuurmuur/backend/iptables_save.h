// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// The numbers under which the kernel knows its sets: what an encoded rule that asks one holds.
using SetIndices = std::map<std::string, std::uint16_t, std::less<>>;

enum class OriginTag : std::uint32_t;

struct TextOptions {
  /// Whether commented rules carry their origin as a comment match.
  bool comments = true;
  /// For kernel entries only; a set that is not in it has a number that no kernel takes. Null: as if empty.
  const SetIndices* sets = nullptr;
  /// For kernel entries only, without `comments`: tags by OriginId (origin_tags()). A rule carries that of its origin,
  /// and the comment where there is none. Null: neither.
  const std::vector<OriginTag>* tags = nullptr;
};

/// A family's tables as iptables-save prints them and iptables-restore reads them: tables raw, mangle, nat, filter that
/// are not empty, each ended by COMMIT. Loading it with `iptables-legacy-restore` and saving it with
/// `iptables-legacy-save` gives the same rule lines back, byte for byte.
[[nodiscard]] std::string iptables_save(const ir::Ruleset& ruleset, net::Family family,
                                        const TextOptions& options = {});

/// One rule as an iptables-save line without "-A CHAIN ": "-s 192.0.2.0/24 -i eth1 -p tcp -m tcp --dport 80 -j ACCEPT".
[[nodiscard]] std::string rule_text(const ir::Ruleset& ruleset, const ir::Table& table, net::Family family,
                                    const ir::Rule& rule, const TextOptions& options = {});

/// The text of the comment match of a rule: its origin's label, cut to what xt_comment holds (255 bytes) at a character
/// boundary, control characters and quotes replaced; empty when the rule carries none.
[[nodiscard]] std::string comment_text(const ir::Ruleset& ruleset, const ir::Rule& rule,
                                       const TextOptions& options = {});
/// The same text for an origin.
[[nodiscard]] std::string comment_text(const ir::Ruleset& ruleset, ir::OriginId origin);
/// The same behind a text.
void append_comment_text(std::string& out, const ir::Ruleset& ruleset, ir::OriginId origin);

}  // namespace vuurmuur::backend
