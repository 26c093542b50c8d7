// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/event.h"
#include "base/memory_file_system.h"

namespace vuurmuur::conf {

/// The tree on the disk: read, written, and watched for others who change it.
class TreeFiles {
 public:
  /// With `is_scratch` the disk is read once, and what is saved stays in memory.
  TreeFiles(std::string root, std::string state_directory, bool is_scratch = false)
      : root_(std::move(root)), state_directory_(std::move(state_directory)), is_scratch_(is_scratch) {}

  /// Reads everything, and takes it for what the program knows.
  [[nodiscard]] std::shared_ptr<const base::MemoryFileSystem> read();
  /// Writes changes and notes them in the log of edits. The remark is for the user: what could not be noted.
  [[nodiscard]] app::Saved save(const app::Save& save, std::string& remark);
  /// The files that are not any more what read() found; looks at times and sizes first, so that it costs little where
  /// nothing changed.
  [[nodiscard]] std::vector<std::string> changed();

  /// Why this process may not write the tree; empty: it may.
  [[nodiscard]] std::string why_read_only() const;

 private:
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0;
    std::uint64_t inode = 0, size = 0;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] std::map<std::string, Stamp> stamps() const;

  std::string root_, state_directory_;
  bool is_scratch_;
  std::shared_ptr<const base::MemoryFileSystem> known_;
  std::map<std::string, Stamp> stamps_;
};

}  // namespace vuurmuur::conf
