// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/read_only_files.h"
#include "edit/changes.h"

namespace vuurmuur::edit {

/// A tree as it would be with changes made to it, for reading.
class Overlay final : public base::ReadOnlyFiles {
 public:
  /// `files` must outlive it.
  Overlay(const base::FileSystem& files, const std::string& root, const Changes& changes);

  [[nodiscard]] base::Result<std::string> read_file(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list_directory(const std::string& path) const override;
  [[nodiscard]] base::Result<base::FileStatus> status(const std::string& path) const override;

 private:
  [[nodiscard]] bool is_new_directory(const std::string& path) const;

  const base::FileSystem& files_;
  std::map<std::string, std::optional<std::string>> changed_;  ///< contents by full path
  std::set<std::string> gone_;                                 ///< directories
};

}  // namespace vuurmuur::edit
