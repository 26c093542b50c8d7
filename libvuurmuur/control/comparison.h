// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "base/file_system.h"
#include "base/line_diff.h"
#include "history/store.h"

namespace vuurmuur::control {

/// A file that two configurations do not have alike.
struct FileDifference {
  enum class Kind : std::uint8_t { Changed, Added, Removed };
  Kind kind = Kind::Changed;
  std::string path;  ///< in the configuration
  std::vector<base::Hunk> hunks;
  bool operator==(const FileDifference&) const = default;
};

/// By path.
[[nodiscard]] std::vector<FileDifference> compare_files(const history::Files& before, const history::Files& after);

/// What is held against what.
struct Comparison {
  history::Number from = 0;
  std::optional<history::Number> to;  ///< nothing: the configuration in `directory`, as it is now
  std::string directory;
  std::vector<FileDifference> differences;
};

/// The rules of a comparison are one file of this name.
inline constexpr std::string_view kRulesetName = "ruleset";

enum class Compare : std::uint8_t {
  Configuration,  ///< file by file
  Rules,          ///< what was compiled of them; a configuration on disk is compiled for this
};

/// Holds a generation against another one or, without one, against the configuration on disk in `directory` (empty: the
/// one that the generation was made of). A generation that is not there is an error.
[[nodiscard]] base::Result<Comparison> compare(const base::FileSystem& files, const history::Store& store,
                                               apply::Kernel& kernel, const Comparison& wanted, Compare what);

/// {"generation", "with": number or null, "directory", "differences": [{"path", "kind", "hunks": [{"before_line",
/// "before_count", "after_line", "after_count", "lines"}]}]}.
[[nodiscard]] nlohmann::ordered_json json_of(const Comparison& comparison);
/// Back from what json_of() gave; nothing when it is something else.
[[nodiscard]] std::optional<Comparison> comparison_from(const nlohmann::ordered_json& document);

/// The generation in force: the one that waits, or the confirmed one.
[[nodiscard]] std::optional<history::Number> in_force(const history::Journal& journal);

}  // namespace vuurmuur::control
