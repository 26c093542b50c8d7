// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace vuurmuur::edit {

/// What a file of the tree was when an editor read it, and what it is to be; nothing where there is no file.
struct FileChange {
  std::string path;  ///< in the tree: "rules/rules.conf"
  std::optional<std::string> before, after;
  bool operator==(const FileChange&) const = default;
};

/// What is to become of a tree, all of it or nothing.
struct Changes {
  std::vector<FileChange> files;
  /// Directories that are to go once these files are gone, those inside before those around them.
  std::vector<std::string> removed_directories;

  [[nodiscard]] bool is_empty() const { return files.empty() && removed_directories.empty(); }
  bool operator==(const Changes&) const = default;
};

/// What both are together, the second one made after the first: what is undone again is no change.
[[nodiscard]] Changes then(const Changes& first, const Changes& second);

}  // namespace vuurmuur::edit
