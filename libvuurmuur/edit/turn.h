// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace vuurmuur::edit {

/// How long an editor waits for the one before.
inline constexpr std::chrono::seconds kPatience{30};

/// The turn to write into a configuration tree: an exclusive flock(2) on ROOT/.lock. Who reads, changes and saves in
/// one turn loses nothing of what others do the same way. Programs that know nothing of it (text editors) are found out
/// by save(). Given up with the object, or when the process ends.
class Turn {
 public:
  /// Waits for the turn, and takes back what an editor left half done that was killed or lost its power. Error code
  /// EWOULDBLOCK when the wait was in vain, ENOENT when there is no such tree.
  [[nodiscard]] static base::Result<Turn> take(base::FileSystem& files, const std::string& root,
                                               std::chrono::milliseconds patience = kPatience);

  /// The turn at a tree that nobody else can reach, as one in memory.
  [[nodiscard]] static Turn alone(std::string root) { return Turn(std::move(root), base::UniqueFd()); }

  /// The tree's directory, without a final slash.
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  Turn(std::string root, base::UniqueFd lock) : root_(std::move(root)), lock_(std::move(lock)) {}
  std::string root_;
  base::UniqueFd lock_;
};

}  // namespace vuurmuur::edit
