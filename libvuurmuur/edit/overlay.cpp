// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/overlay.h"

#include <fmt/format.h>

#include <cerrno>

namespace vuurmuur::edit {

Overlay::Overlay(const base::FileSystem& files, const std::string& root, const Changes& changes) : files_(files) {
  for (const FileChange& change : changes.files) changed_[fmt::format("{}/{}", root, change.path)] = change.after;
  for (const std::string& path : changes.removed_directories) gone_.insert(fmt::format("{}/{}", root, path));
}

bool Overlay::is_new_directory(const std::string& path) const {
  const std::string below = path + '/';
  for (auto file = changed_.lower_bound(below); file != changed_.end() && file->first.starts_with(below); ++file)
    if (file->second) return true;
  return false;
}

base::Result<std::string> Overlay::read_file(const std::string& path) const {
  const auto changed = changed_.find(path);
  if (changed == changed_.end()) return files_.read_file(path);
  if (changed->second) return *changed->second;
  return base::system_error(fmt::format("read '{}'", path), ENOENT);
}

base::Result<std::vector<std::string>> Overlay::list_directory(const std::string& path) const {
  std::set<std::string> names;
  auto there = files_.list_directory(path);
  if (!there && !is_new_directory(path)) return there;
  if (there) names.insert(there->begin(), there->end());
  const std::string below = path + '/';
  for (auto file = changed_.lower_bound(below); file != changed_.end() && file->first.starts_with(below); ++file) {
    const std::string rest = file->first.substr(below.size());
    const std::string name = rest.substr(0, rest.find('/'));
    if (file->second)
      names.insert(name);
    else if (name == rest)
      names.erase(name);
  }
  for (const std::string& directory : gone_)
    if (directory.starts_with(below) && !is_new_directory(directory)) names.erase(directory.substr(below.size()));
  return std::vector<std::string>(names.begin(), names.end());
}

base::Result<base::FileStatus> Overlay::status(const std::string& path) const {
  const auto changed = changed_.find(path);
  const bool is_gone =
      (changed != changed_.end() && !changed->second) || (gone_.contains(path) && !is_new_directory(path));
  if (is_gone) return base::system_error(fmt::format("look at '{}'", path), ENOENT);
  auto there = files_.status(path);
  if (there || there.error().code != ENOENT) return there;
  if (changed != changed_.end())
    return base::FileStatus{.kind = base::FileKind::Regular, .mode = 0600, .size = changed->second->size()};
  if (is_new_directory(path)) return base::FileStatus{.kind = base::FileKind::Directory, .mode = 0700};
  return there;
}

}  // namespace vuurmuur::edit
