// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/xtables_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

namespace vuurmuur::apply {
namespace {

constexpr std::chrono::milliseconds kBetweenTries{10};

/// flock that a signal does not end; 0 or the errno.
int lock_descriptor(int fd, int operation) {
  while (::flock(fd, operation) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

}  // namespace

std::string xtables_lock_path() {
  const char* path = std::getenv("XTABLES_LOCKFILE");
  return path == nullptr || *path == '\0' ? "/run/xtables.lock" : path;
}

base::Result<base::UniqueFd> take_xtables_lock(const std::string& path, const Progress& progress,
                                               std::chrono::milliseconds patience) {
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) {
    const int code = errno;
    auto error = base::system_error("open lock file '" + path + "'", code);
    if (code != EACCES && code != EPERM) return error;
    return std::unexpected(base::Error{
        .message = error.error().message + "; changing the firewall needs root, or CAP_NET_ADMIN and this file",
        .code = code});
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const int code = lock_descriptor(fd.get(), LOCK_EX | LOCK_NB);
    if (code == 0) return fd;
    if (code != EWOULDBLOCK) return base::system_error("lock '" + path + "'", code);
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(kBetweenTries);
  }
  if (progress) progress("waiting for another program that holds the xtables lock ('" + path + "')");
  if (const int code = lock_descriptor(fd.get(), LOCK_EX); code != 0)
    return base::system_error("lock '" + path + "'", code);
  return fd;
}

}  // namespace vuurmuur::apply
