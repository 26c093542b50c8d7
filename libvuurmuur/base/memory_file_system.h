// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <string>

#include "base/file_system.h"

namespace vuurmuur::base {

/// Files in memory, for tests, fuzzers and embedded trees. Directories exist where a path below them exists.
class MemoryFileSystem final : public FileSystem {
 public:
  /// Files by absolute path.
  std::map<std::string, std::string> files;
  /// What status() tells of a path instead of what follows from `files`.
  std::map<std::string, FileStatus> statuses;
  /// Paths that cannot be looked at, read or listed, with the errno.
  std::map<std::string, int> failing;
  /// When not 0, the next replace_file fails with this errno and changes nothing.
  int fail_next_replace = 0;

  [[nodiscard]] Result<std::string> read_file(const std::string& path) const override;
  [[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string& path) const override;
  [[nodiscard]] Result<FileStatus> status(const std::string& path) const override;
  [[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view content,
                                          std::uint32_t mode) override;
  [[nodiscard]] Result<void> make_directories(const std::string& path, std::uint32_t mode) override;
  [[nodiscard]] Result<void> remove(const std::string& path) override;
};

}  // namespace vuurmuur::base
