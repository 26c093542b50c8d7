// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <source_location>
#include <string_view>

namespace vuurmuur::base {

/// Prints what was wrong and where, then aborts.
[[noreturn]] void assertion_failed(std::string_view condition, std::source_location where);

}  // namespace vuurmuur::base

/// A condition that only a mistake of ours can break: never one that input, a file, a packet or a peer can reach.
#define VM_ASSERT(condition)                           \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::vuurmuur::base::assertion_failed(#condition, std::source_location::current()))
