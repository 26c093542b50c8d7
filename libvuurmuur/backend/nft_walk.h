// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

[[nodiscard]] inline bool leads_on(const Verdict& verdict) {
  return verdict.kind == Verdict::Kind::Jump || verdict.kind == Verdict::Kind::Goto;
}

/// All chains of a program without verdict maps, each behind those that lead to it. Without recursion: a way through
/// chains may be long.
[[nodiscard]] std::vector<Index> callers_first(const Program& program);

}  // namespace vuurmuur::backend::nft
