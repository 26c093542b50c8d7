// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "peer_policy.h"
#include "process.h"

namespace vuurmuur::bench {

/// A program that brings a policy into the kernel: a row of the table of section "peers".
struct Peer {
  std::string_view name;
  std::string_view starts_from;  ///< "its configuration" or, for those that only load, "rules given"
  /// Why it cannot be measured here; nothing when it can.
  std::optional<std::string> (*missing)();
  /// Writes the files that it needs below a directory; not measured.
  base::Result<void> (*write)(const PeerPolicy& policy, const std::string& directory);
  /// From those files to rules in force, in the process's network namespace, which is fresh.
  base::Result<Cost> (*run)(const std::string& directory);
  std::uint32_t most_rules = 0xffffffff;  ///< larger policies are left out, because they take minutes
};

/// Ours first, to which the others are compared.
[[nodiscard]] std::span<const Peer> peers();

}  // namespace vuurmuur::bench
