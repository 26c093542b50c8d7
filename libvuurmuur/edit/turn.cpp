// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/turn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "edit/save.h"

namespace vuurmuur::edit {
namespace {

/// Opens the lock file, made in one step so that nobody can hold another one of that name. Only who may write the tree
/// can open it: others could keep its editors waiting.
base::Result<base::UniqueFd> open_lock(const std::string& root) {
  const std::string path = root + "/.lock", doing = fmt::format("open lock file '{}'", path);
  struct stat directory {};
  if (::stat(root.c_str(), &directory) != 0) return base::system_error(fmt::format("look at '{}'", root), errno);
  if (!S_ISDIR(directory.st_mode)) return base::system_error(fmt::format("look at '{}'", root), ENOTDIR);
  base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && errno != ENOENT) return base::system_error(doing, errno);
  if (fd) return fd;
  const mode_t mode = (directory.st_mode & S_IWGRP) != 0 ? 0660 : 0600;
  fd.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd) return base::system_error(doing, errno);
  if (::geteuid() == 0 && ::fchown(fd.get(), directory.st_uid, directory.st_gid) != 0)
    return base::system_error(doing, errno);
  return fd;
}

}  // namespace

base::Result<Turn> Turn::take(base::FileSystem& files, const std::string& root, std::chrono::milliseconds patience) {
  std::string plain = root;
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  base::UniqueFd lock = VM_TRY(open_lock(plain));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return base::system_error(fmt::format("lock '{}/.lock'", plain), errno);
    if (std::chrono::steady_clock::now() >= deadline)
      return std::unexpected(
          base::Error{.message = fmt::format("another program is changing the configuration {} all the time", plain),
                      .code = EWOULDBLOCK});
    // flock(2) cannot wait for a while only.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  VM_TRY_VOID(recover(files, plain));
  return Turn(std::move(plain), std::move(lock));
}

}  // namespace vuurmuur::edit
