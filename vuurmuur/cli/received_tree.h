// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"
#include "edit/changes.h"
#include "history/archive.h"
#include "history/journal.h"

namespace vuurmuur::cli {

/// The files of a configuration as an archive has them. An archive with a name that leads elsewhere is refused as a
/// whole.
[[nodiscard]] base::Result<history::Files> received_files(std::string_view archive);

/// The files of the tree in a directory that mean something to it; none when there is no directory.
[[nodiscard]] history::Files files_of_tree(const base::FileSystem& files, const std::string& directory);

/// What is to be done to a tree so that it has these files and no others. Directories that lose all of theirs go.
[[nodiscard]] edit::Changes changes_to(const history::Files& before, const history::Files& after);

/// The way back from a tree that was received, kept until the next one is.
struct Reception {
  std::string directory;                  ///< of the configuration
  edit::Changes changes;                  ///< what was done to it
  std::optional<history::Number> former;  ///< the generation in force before
  std::optional<history::Number> made;    ///< the one that the tree became; nothing while it is being applied
};

/// Keeps it in the state directory, in place of the one before.
[[nodiscard]] base::Result<void> keep(base::FileSystem& files, const std::string& state, const Reception& reception);
/// The one that is kept; nothing when there is none.
[[nodiscard]] base::Result<std::optional<Reception>> kept(const base::FileSystem& files, const std::string& state);
/// Forgets it.
[[nodiscard]] base::Result<void> forget(base::FileSystem& files, const std::string& state);

/// The changes that undo these, as far as files are still what these made of them.
[[nodiscard]] edit::Changes undoing(const edit::Changes& changes);

}  // namespace vuurmuur::cli
