// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "config/document.h"
#include "diag/diagnostic.h"
#include "diag/source.h"
#include "model/policy.h"

namespace vuurmuur::config {

/// A configuration tree as read: every file's text for messages, its lines for writing it back, and what it says.
struct Tree {
  std::string root;  ///< directory, without a final slash
  diag::SourceMap sources;
  /// By path relative to the root: "rules/rules.conf".
  std::map<std::string, Document> documents;
  model::Policy policy;
  /// rules/assertions.conf, when there is one: statements that shall be true of the policy (analyse/assertion.h).
  std::optional<diag::FileId> assertions{};
  /// rules/responses.conf, when there is one: what alerts of an inspector lead to (respond/responses.h).
  std::optional<diag::FileId> responses{};
};

/// The file of statements about the policy. It is no part of what the policy means.
inline constexpr std::string_view kAssertionsFile = "rules/assertions.conf";

/// The file of statements about alerts. It is no part of what the policy means either.
inline constexpr std::string_view kResponsesFile = "rules/responses.conf";

/// The file in a tree that says that a change of several of its files is under way (edit/save.h).
inline constexpr std::string_view kUnfinishedEdit = ".unfinished-edit";

/// Whether a path can have been meant as a tree: a directory with at least one of the files and directories that a tree
/// is of. What cannot be looked at counts as one, for reading it tells why.
[[nodiscard]] bool may_be_tree(const base::FileSystem& files, const std::string& root);

/// Reads a whole tree. Problems go into the sink, all of them; what could be read is in the result whatever happened.
[[nodiscard]] Tree read_tree(const base::FileSystem& files, const std::string& root, diag::Sink& sink);

}  // namespace vuurmuur::config
