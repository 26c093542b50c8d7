// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/file_system.h"

namespace vuurmuur::history {
namespace {

/// Some have the turn for an instant only, to see that it is free: the guard that an apply has started, when that ends. Who
/// comes just then is not told that somebody changes something.
constexpr std::chrono::milliseconds kPassing{250}, kPause{5};

}  // namespace

base::Result<base::UniqueFd> take_store_lock(const std::string& directory, Wait wait) {
  const auto until = std::chrono::steady_clock::now() + kPassing;
  do {
    auto lock = take_file_lock(directory, "lock", wait);
    if (lock || lock.error().code != EWOULDBLOCK) return lock;
    std::this_thread::sleep_for(kPause);
  } while (std::chrono::steady_clock::now() < until);
  return std::unexpected(
      base::Error{.message = "another vuurmuur is applying, confirming or going back just now", .code = EWOULDBLOCK});
}

base::Result<base::UniqueFd> take_file_lock(const std::string& directory, const std::string& name, Wait wait) {
  VM_TRY_VOID(base::RealFileSystem().make_directories(directory));
  const std::string path = directory + "/" + name;
  const std::string doing = "open lock file '" + path + "'";
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) {
    // In one step: a file that replaced another one would be a second lock. Root's becomes the owner's of the store, as
    // any file of it.
    fd.reset(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
    struct stat parent {};
    if (fd && ::geteuid() == 0 &&
        (::stat(directory.c_str(), &parent) != 0 || ::fchown(fd.get(), parent.st_uid, parent.st_gid) != 0))
      return base::system_error(doing, errno);
  }
  if (!fd) return base::system_error(doing, errno);
  const int operation = LOCK_EX | (wait == Wait::No ? LOCK_NB : 0);
  while (::flock(fd.get(), operation) != 0) {
    if (errno == EINTR) continue;
    return base::system_error("lock '" + path + "'", errno);
  }
  return fd;
}

}  // namespace vuurmuur::history
