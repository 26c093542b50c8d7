// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/memory_file_system.h"

#include <fmt/format.h>

#include <cerrno>
#include <set>

namespace vuurmuur::base {
namespace {

std::string without_final_slash(const std::string& path) {
  std::string result = path;
  while (result.size() > 1 && result.ends_with('/')) result.pop_back();
  return result;
}

bool is_directory(const std::map<std::string, std::string>& files, const std::string& path) {
  const std::string below = path.ends_with('/') ? path : path + '/';
  const auto first = files.lower_bound(below);
  return first != files.end() && first->first.starts_with(below);
}

}  // namespace

Result<std::string> MemoryFileSystem::read_file(const std::string& path) const {
  const std::string doing = fmt::format("read '{}'", path);
  if (const auto fails = failing.find(path); fails != failing.end()) return system_error(doing, fails->second);
  if (const auto found = files.find(path); found != files.end()) return found->second;
  return system_error(doing, is_directory(files, path) ? EISDIR : ENOENT);
}

Result<std::vector<std::string>> MemoryFileSystem::list_directory(const std::string& path) const {
  const std::string doing = fmt::format("list '{}'", path);
  const std::string directory = without_final_slash(path);
  if (const auto fails = failing.find(directory); fails != failing.end()) return system_error(doing, fails->second);
  if (!is_directory(files, directory)) return system_error(doing, files.contains(directory) ? ENOTDIR : ENOENT);
  const std::string below = directory == "/" ? directory : directory + '/';
  std::set<std::string> names;
  for (auto file = files.lower_bound(below); file != files.end() && file->first.starts_with(below); ++file)
    names.insert(file->first.substr(below.size(), file->first.find('/', below.size()) - below.size()));
  for (auto file = failing.lower_bound(below); file != failing.end() && file->first.starts_with(below); ++file)
    names.insert(file->first.substr(below.size(), file->first.find('/', below.size()) - below.size()));
  names.erase("");
  return std::vector<std::string>(names.begin(), names.end());
}

Result<FileStatus> MemoryFileSystem::status(const std::string& path) const {
  const std::string doing = fmt::format("look at '{}'", path);
  const std::string plain = without_final_slash(path);
  if (const auto told = statuses.find(plain); told != statuses.end()) return told->second;
  if (const auto fails = failing.find(plain); fails != failing.end()) return system_error(doing, fails->second);
  if (const auto found = files.find(plain); found != files.end())
    return FileStatus{.kind = FileKind::Regular, .mode = 0600, .size = found->second.size()};
  if (is_directory(files, plain)) return FileStatus{.kind = FileKind::Directory, .mode = 0700};
  return system_error(doing, ENOENT);
}

Result<void> MemoryFileSystem::replace_file(const std::string& path, std::string_view content, std::uint32_t) {
  const std::string doing = fmt::format("write '{}'", path);
  if (fail_next_replace != 0) return system_error(doing, std::exchange(fail_next_replace, 0));
  if (is_directory(files, path)) return system_error(doing, EISDIR);
  files[path] = content;
  return {};
}

Result<void> MemoryFileSystem::make_directories(const std::string&, std::uint32_t) { return {}; }

Result<void> MemoryFileSystem::remove(const std::string& path) {
  const std::string doing = fmt::format("remove '{}'", path);
  if (is_directory(files, path)) return system_error(doing, ENOTEMPTY);
  if (files.erase(path) == 0) return system_error(doing, ENOENT);
  return {};
}

}  // namespace vuurmuur::base
