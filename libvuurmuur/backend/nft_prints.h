// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "backend/nft_batch.h"
#include "backend/nft_program.h"

// What a load left in our table of a family, so that the next one writes only what is another by then.
namespace vuurmuur::backend::nft {

/// For each chain of a program a number that tells its rules and policy: chains of one name with the same number are the
/// same in the kernel, for sets, counters and chains are there by names that tell what they are. Nothing for chains whose
/// rules bring content of their own (a map without a name).
using Prints = std::vector<std::optional<std::uint64_t>>;
[[nodiscard]] Prints chain_prints(const Program& program);

/// What a listing would find once a batch that makes the program of what was there is in force, with the prints of its
/// chains; but not what counters are called and have counted.
[[nodiscard]] Existing after(const Program& program, const Prints& prints, Existing before);

/// Gives chains that were read the prints that they are known to have.
void take_prints(Existing& read, const Existing& known);

/// Whether what after() leaves out matters to a program: it has counters or helpers that are not there.
[[nodiscard]] bool needs_counts(const Program& program, const Existing& existing);

}  // namespace vuurmuur::backend::nft
