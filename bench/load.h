// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ir/ruleset.h"
#include "process.h"

namespace vuurmuur::bench {

/// What is loaded: one policy in the forms that loaders want it in.
struct LoadCase {
  std::uint32_t rules = 0;  ///< of the policy
  const ir::Ruleset& ruleset;
  std::string directory;  ///< for files, below /run; holds "v4" and "v6", the rules without sets as iptables-save text
};

/// One way to get a policy's rules into the kernel: a row of the table of section "load".
struct Loader {
  std::string_view name;
  bool is_ours = false;  ///< those behind it, up to the next of ours, are what it is compared with
  /// Why it cannot be measured here ("ferm is not installed"); nothing when it can.
  std::optional<std::string> (*missing)();
  /// Loads in the process's network namespace, which is fresh. The cost of what counts.
  base::Result<Cost> (*load)(const LoadCase& load);
};

/// Ours first.
[[nodiscard]] std::span<const Loader> loaders();

}  // namespace vuurmuur::bench
