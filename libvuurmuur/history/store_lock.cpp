// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/file_system.h"

namespace vuurmuur::history {

base::Result<base::UniqueFd> take_store_lock(const std::string& directory, Wait wait) {
  auto lock = take_file_lock(directory, "lock", wait);
  if (lock || lock.error().code != EWOULDBLOCK) return lock;
  return std::unexpected(
      base::Error{.message = "another vuurmuur is applying, confirming or going back just now", .code = EWOULDBLOCK});
}

base::Result<base::UniqueFd> take_file_lock(const std::string& directory, const std::string& name, Wait wait) {
  VM_TRY_VOID(base::RealFileSystem().make_directories(directory));
  const std::string path = directory + "/" + name;
  // Made as any file of the store, so that it is its owner's when root comes first.
  base::RealFileSystem files;
  if (!files.status(path)) VM_TRY_VOID(files.replace_file(path, "", 0600));
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return base::system_error("open lock file '" + path + "'", errno);
  const int operation = LOCK_EX | (wait == Wait::No ? LOCK_NB : 0);
  while (::flock(fd.get(), operation) != 0) {
    if (errno == EINTR) continue;
    return base::system_error("lock '" + path + "'", errno);
  }
  return fd;
}

}  // namespace vuurmuur::history
