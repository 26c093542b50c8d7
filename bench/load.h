// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/memory_file_system.h"
#include "base/result.h"
#include "ir/ruleset.h"

namespace vuurmuur::bench {

/// What is loaded: one policy in the forms that loaders want it in.
struct LoadCase {
  std::uint32_t rules = 0;  ///< of the policy
  const base::MemoryFileSystem& tree;
  const ir::Ruleset& ruleset;
  std::string directory;  ///< for files, below /run; holds "v4" and "v6", the rules as iptables-save text
};

/// One way to get a policy's rules into the kernel: a row of the table of section "load". The first row is ours, to
/// which the others are compared.
struct Loader {
  std::string_view name;
  /// Why it cannot be measured here ("ferm is not installed"); nothing when it can.
  std::optional<std::string> (*missing)();
  /// Writes the files that it needs into LoadCase::directory, and checks that the case can be loaded so; not timed. May
  /// be null.
  base::Result<void> (*prepare)(const LoadCase& load);
  /// Loads in the process's network namespace, which is fresh. Milliseconds of what counts.
  base::Result<double> (*load)(const LoadCase& load);
  /// Larger policies are left out, because they take minutes.
  std::uint32_t most_rules = 0xffffffff;
};

/// Ours, and the kernel's own tools.
[[nodiscard]] std::span<const Loader> own_loaders();

}  // namespace vuurmuur::bench
