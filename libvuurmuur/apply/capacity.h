// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// Refuses, with E2BIG or ENOMEM, a ruleset that cannot be loaded into xtables whatever its rules are, before the lock
/// is taken, anything is encoded or the kernel is asked: a table that would be larger than the kernel takes even if
/// each rule were the smallest there is, or tables and sets that would need more memory than there is. A kernel that
/// runs out of memory ends programs, and in the middle of a load that is this one. Both are lower bounds: what they
/// refuse could not work.
///
/// The largest table counts three times, as the load has it in memory: encoded, as the request, and the kernel's copy.
[[nodiscard]] base::Result<void> check_capacity(const ir::Ruleset& ruleset,
                                                std::optional<std::uint64_t> available_memory);

/// The same for nf_tables, which has no largest table: only memory. Each rule counts twice, as it is sent and as the
/// kernel keeps it.
[[nodiscard]] base::Result<void> check_nft_capacity(const ir::Ruleset& ruleset,
                                                    std::optional<std::uint64_t> available_memory);

/// MemAvailable in the text of /proc/meminfo, in bytes; nothing when it is not in it.
[[nodiscard]] std::optional<std::uint64_t> available_in(std::string_view meminfo);

}  // namespace vuurmuur::apply
