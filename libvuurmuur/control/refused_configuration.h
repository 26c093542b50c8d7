// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "history/journal.h"

namespace vuurmuur::control {

/// A configuration that was to be applied and did not become a generation, because it has errors or cannot be loaded
/// into any engine. What was in force stayed. Kept in the state directory until one is applied.
struct RefusedConfiguration {
  std::int64_t time = 0;  ///< seconds since 1970
  history::Actor who;
  std::string directory;
  std::string message;
  std::string text;  ///< its diagnostics as people read them; may be empty
  bool operator==(const RefusedConfiguration&) const = default;
};

[[nodiscard]] base::Result<void> keep_refused(base::FileSystem& files, const std::string& state_directory,
                                              const RefusedConfiguration& refused);
/// Nothing when there is none, or it cannot be read.
[[nodiscard]] std::optional<RefusedConfiguration> read_refused(const base::FileSystem& files,
                                                               const std::string& state_directory);
/// Another one was applied.
void forget_refused(base::FileSystem& files, const std::string& state_directory);

/// {"time", "user", "uid", "from", "directory", "message", "text"}.
[[nodiscard]] nlohmann::ordered_json json_of(const RefusedConfiguration& refused);
/// Back from what json_of() gave; nothing when it is something else.
[[nodiscard]] std::optional<RefusedConfiguration> refused_from(const nlohmann::ordered_json& document);

}  // namespace vuurmuur::control
