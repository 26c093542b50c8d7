// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <string>

#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::backend {

/// The sets of some families as `ipset save` prints them, without counters, and `ipset restore` reads them: for each a
/// line "create" and a line "add" for each element. A counted set's elements carry their origin as a comment unless
/// `options.comments` says not. Rules that ask a set can be loaded after it.
[[nodiscard]] std::string ipset_save(const ir::Ruleset& ruleset, std::span<const net::Family> families,
                                     const TextOptions& options = {});

}  // namespace vuurmuur::backend
