// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>

#include "diag/diagnostic.h"
#include "diag/source.h"
#include "saved/ruleset.h"

namespace vuurmuur::saved {

/// Reads what iptables-save(8) and ip6tables-save(8) write, and what iptables-restore(8) takes of that: tables, chains
/// with policies, and the commands -A, -I, -N and -P, with or without counters in front. What the words of a rule mean
/// is not asked here. A line that cannot be read is an error ("bad-save-line") and is left out; the others are read all
/// the same.
[[nodiscard]] Ruleset read(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink);

/// Sees a rule that was read, in the order of the text, and may take from it what need not be kept.
using SeeRule = std::function<void(Rule&)>;
/// The same, for files of which not all words should be there at once.
[[nodiscard]] Ruleset read(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink, SeeRule see);

}  // namespace vuurmuur::saved
