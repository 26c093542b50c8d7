// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <random>

#include "ir/ruleset.h"
#include "ruleset_walk.h"

namespace vuurmuur::test {

/// The chain of table filter in which random rules stand.
inline constexpr std::string_view kRandomChain = "VRMR-RANDOM";

/// A ruleset with up to `most` rules in kRandomChain, reached from FORWARD, whose conditions overlap a lot: few
/// interfaces with wildcards, nested prefixes, few ports, verdicts, logs, limits, chains that decide and that come back.
[[nodiscard]] ir::Ruleset random_ruleset(std::mt19937& random, unsigned most);

/// A packet out of the same few values.
[[nodiscard]] Packet random_packet(std::mt19937& random, net::Family family);

/// How many limit matches are in a table: one bucket each.
[[nodiscard]] std::size_t count_limits(const ir::Table& table);

}  // namespace vuurmuur::test
