// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/unique_fd.h"

namespace vuurmuur::base {
namespace {

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::Regular;
  if (S_ISDIR(mode)) return FileKind::Directory;
  if (S_ISLNK(mode)) return FileKind::SymbolicLink;
  return FileKind::Other;
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The file that a path leads to, links followed, so that replacing it does not replace the link.
std::string final_target(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
  return resolved ? std::string(resolved.get()) : path;
}

/// Removes a temporary file unless it was renamed to its place.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void keep() { path_.clear(); }

 private:
  std::string path_;
};

/// Gives what root makes to the owner and group of the directory that it is in. `fd` or, when that is -1, `path`.
Result<void> give_to_owner_of(const std::string& directory, int fd, const std::string& path, const std::string& doing) {
  struct stat parent {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &parent) != 0 ||
      (parent.st_uid == 0 && parent.st_gid == ::getegid()))
    return {};
  const int failed =
      fd >= 0 ? ::fchown(fd, parent.st_uid, parent.st_gid) : ::lchown(path.c_str(), parent.st_uid, parent.st_gid);
  return failed == 0 ? Result<void>{} : system_error(doing + ": give it to the owner of its directory", errno);
}

Result<void> write_all(int fd, std::string_view content, const std::string& doing) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(doing, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> RealFileSystem::read_file(const std::string& path) const {
  const std::string doing = fmt::format("read '{}'", path);
  // O_NONBLOCK: a named pipe where a file should be must not hang us.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return system_error(doing, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_error(doing, errno);
  std::string content;
  std::size_t filled = 0;
  // One byte more than the size, so that the read that finds the end needs no further memory.
  content.resize(status.st_size > 0 ? static_cast<std::size_t>(status.st_size) + 1 : 4096);
  for (;;) {
    const ssize_t got = ::read(fd.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(doing, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled == content.size()) content.resize(content.size() * 2);
  }
  content.resize(filled);
  return content;
}

Result<std::vector<std::string>> RealFileSystem::list_directory(const std::string& path) const {
  const std::string doing = fmt::format("list '{}'", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
  if (!directory) return system_error(doing, errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return system_error(doing, errno);
  std::ranges::sort(names);
  return names;
}

Result<FileStatus> RealFileSystem::status(const std::string& path) const {
  struct stat link {};
  if (::lstat(path.c_str(), &link) != 0) return system_error(fmt::format("look at '{}'", path), errno);
  struct stat target = link;
  if (S_ISLNK(link.st_mode) && ::stat(path.c_str(), &target) != 0)
    return system_error(fmt::format("look at '{}'", path), errno);
  return FileStatus{.kind = kind_of(target.st_mode),
                    .is_link = S_ISLNK(link.st_mode),
                    .mode = target.st_mode & 07777,
                    .owner = target.st_uid,
                    .size = static_cast<std::uint64_t>(target.st_size),
                    .owner_is_trusted = target.st_uid == 0 || target.st_uid == ::geteuid()};
}

Result<void> RealFileSystem::replace_file(const std::string& path, std::string_view content, std::uint32_t mode) {
  const std::string doing = fmt::format("write '{}'", path);
  const std::string target = final_target(path);
  const std::string directory = directory_of(target);
  // Hidden, so that what a crash leaves behind is not taken for a file of the tree.
  std::string temporary = fmt::format("{}/.{}.XXXXXX", directory, name_of(target).substr(0, NAME_MAX - 10));
  const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return system_error(doing, errno);
  TemporaryFile cleanup(temporary);

  struct stat old {};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) return system_error(doing, S_ISDIR(old.st_mode) ? EISDIR : EINVAL);
  VM_TRY_VOID(write_all(fd.get(), content, doing));
  if (exists && (old.st_uid != ::geteuid() || old.st_gid != ::getegid()) &&
      ::fchown(fd.get(), old.st_uid, old.st_gid) != 0)
    return system_error(doing + ": keep its owner", errno);
  if (!exists) VM_TRY_VOID(give_to_owner_of(directory, fd.get(), {}, doing));
  if (::fchmod(fd.get(), exists ? old.st_mode & 07777 : mode) != 0) return system_error(doing, errno);
  if (::fsync(fd.get()) != 0) return system_error(doing, errno);
  if (::rename(temporary.c_str(), target.c_str()) != 0) return system_error(doing, errno);
  cleanup.keep();
  // The rename itself is on disk only when the directory is.
  const UniqueFd directory_fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory_fd || ::fsync(directory_fd.get()) != 0) return system_error(doing, errno);
  return {};
}

Result<void> RealFileSystem::make_directories(const std::string& path, std::uint32_t mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && ::mkdir(part.c_str(), mode) == 0) {
      VM_TRY_VOID(give_to_owner_of(directory_of(part), -1, part, fmt::format("make directory '{}'", part)));
    } else if (!part.empty()) {
      const int code = errno;
      struct stat status {};
      const bool there = ::stat(part.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
      if (!there) return system_error(fmt::format("make directory '{}'", part), code);
    }
    if (end == std::string::npos) return {};
  }
}

Result<void> RealFileSystem::remove(const std::string& path) {
  if (std::remove(path.c_str()) != 0) return system_error(fmt::format("remove '{}'", path), errno);
  return {};
}

}  // namespace vuurmuur::base
