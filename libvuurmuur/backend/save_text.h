// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// The chains of a table as iptables-save orders them: built-in ones by hook, then all others by name.
[[nodiscard]] std::vector<const ir::Chain*> chains_in_order(const ir::Table& table);

/// ":NAME POLICY [0:0]" and a line break.
void append_chain_line(std::string& out, const ir::Chain& chain);

/// The "-A" lines of chains.
void append_rule_lines(std::string& out, const ir::Ruleset& ruleset, net::Family family, const ir::Table& table,
                       const std::vector<const ir::Chain*>& chains, const TextOptions& options);

}  // namespace vuurmuur::backend
