// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/changes.h"

#include <algorithm>
#include <map>

namespace vuurmuur::edit {

Changes then(const Changes& first, const Changes& second) {
  std::map<std::string, FileChange> files;
  for (const FileChange& file : first.files) files[file.path] = file;
  for (const FileChange& file : second.files) {
    const auto [earlier, is_new] = files.try_emplace(file.path, file);
    if (!is_new) earlier->second.after = file.after;
  }
  Changes both;
  for (auto& [path, file] : files) {
    if (file.before != file.after) both.files.push_back(std::move(file));
  }
  // A directory that a file came into again does not go.
  for (const Changes* changes : {&first, &second}) {
    for (const std::string& directory : changes->removed_directories) {
      const bool is_used = std::ranges::any_of(both.files, [&directory](const FileChange& file) {
        return file.after && file.path.starts_with(directory + "/");
      });
      const bool is_known = std::ranges::find(both.removed_directories, directory) != both.removed_directories.end();
      if (!is_used && !is_known) both.removed_directories.push_back(directory);
    }
  }
  return both;
}

}  // namespace vuurmuur::edit
