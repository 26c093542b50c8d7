// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/line_diff.h"
#include "base/result.h"
#include "edit/changes.h"
#include "edit/check.h"
#include "edit/turn.h"

namespace vuurmuur::edit {

/// A file that is not any more what the editor read.
struct Conflict {
  std::string path;
  /// From what the editor read to what it is now: what somebody else did meanwhile.
  std::vector<base::Hunk> theirs;
  bool was_there = true, is_there = true;  ///< whether there was a file, and is
};

/// "--- PATH as it was read", "+++ PATH as it is now" and the hunks, as diff -u prints them.
[[nodiscard]] std::string text_of(const Conflict& conflict);

/// What became of changes.
struct Outcome {
  std::vector<Conflict> conflicts;  ///< not empty: nothing was written
  Verdict verdict;                  ///< refused: nothing was written

  [[nodiscard]] bool is_saved() const { return conflicts.empty() && !verdict.is_refused(); }
};

/// Writes changes into a tree, all of them or none: when each file is still what its editor read, and the tree has no
/// new error with them. Each file is replaced as a whole; several files, or new directories, are written under a note
/// of what there was (ROOT/.unfinished-edit), so that a stop in the middle is undone by the next turn. After an error
/// everything is as it was; where that could not be brought about either, the error says so and the next turn does it.
[[nodiscard]] base::Result<Outcome> save(base::FileSystem& files, const Turn& turn, const Changes& changes);

/// Undoes what a save() that was stopped in the middle has left. Called by Turn::take().
[[nodiscard]] base::Result<void> recover(base::FileSystem& files, const std::string& root);

}  // namespace vuurmuur::edit
