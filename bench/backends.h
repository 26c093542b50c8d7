// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/apply.h"

namespace vuurmuur::bench {

/// A rule engine that sections measure.
struct BackendRow {
  std::string_view name;  ///< "xtables"
  apply::Backend backend;
};

/// Those that this kernel has.
[[nodiscard]] std::span<const BackendRow> available_backends();

/// Why rules with queues cannot be loaded into an engine of this kernel; nothing when they can. The process is in
/// namespaces of its own.
[[nodiscard]] std::optional<std::string> queues_missing(const BackendRow& backend);

}  // namespace vuurmuur::bench
