// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <string>

#include "base/read_only_files.h"

namespace vuurmuur::control {

/// Files of which every one that is read is kept as it was read: what was compiled is what is recorded, whatever happens
/// to the files meanwhile.
class TreeRecorder final : public base::ReadOnlyFiles {
 public:
  /// `files` must outlive it.
  explicit TreeRecorder(const base::FileSystem& files) : files_(files) {}

  /// The files that were read below a directory, by their paths in it.
  [[nodiscard]] std::map<std::string, std::string> below(const std::string& directory) const;

  [[nodiscard]] base::Result<std::string> read_file(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<std::string>> list_directory(const std::string& path) const override;
  [[nodiscard]] base::Result<base::FileStatus> status(const std::string& path) const override;

 private:
  const base::FileSystem& files_;
  mutable std::map<std::string, std::string> read_;
};

}  // namespace vuurmuur::control
