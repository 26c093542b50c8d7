// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "backend/nft_message.h"
#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// What a set of kind Queues is called until the kernel gives it a name of its own.
inline constexpr std::string_view kAnonymousMap = "__map%d";
/// The number by which a transaction speaks of a set before it has a name.
[[nodiscard]] constexpr std::uint32_t set_id(Index set) { return set + 1; }

/// Writes the statements of a rule as expressions: elements of NFTA_RULE_EXPRESSIONS, the ones that nft makes of the
/// same text.
void write_expressions(MessageWriter& out, const Program& program, const Rule& rule);

/// Writes a verdict as the content of NFTA_SET_ELEM_DATA or NFTA_IMMEDIATE_DATA.
void write_verdict(MessageWriter& out, const Program& program, const Verdict& verdict);

}  // namespace vuurmuur::backend::nft
