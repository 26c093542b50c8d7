// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/xtables_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <thread>

#include "apply/lock_holder.h"

namespace vuurmuur::apply {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenTries{10};
/// A wait that is shorter is not worth a word.
constexpr std::chrono::milliseconds kSilence{500};

/// flock that a signal does not end; 0 or the errno.
int lock_descriptor(int fd, int operation) {
  while (::flock(fd, operation) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

/// The same, tried for a time; EWOULDBLOCK when somebody else has it to the end.
int try_for(int fd, std::chrono::milliseconds time) {
  const auto deadline = Clock::now() + time;
  for (;;) {
    const int code = lock_descriptor(fd, LOCK_EX | LOCK_NB);
    if (code != EWOULDBLOCK) return code;
    const auto left = deadline - Clock::now();
    if (left <= Clock::duration::zero()) return code;
    std::this_thread::sleep_for(std::min<Clock::duration>(left, kBetweenTries));
  }
}

}  // namespace

std::string xtables_lock_path() {
  const char* path = std::getenv("XTABLES_LOCKFILE");
  return path == nullptr || *path == '\0' ? "/run/xtables.lock" : path;
}

base::Result<base::UniqueFd> open_xtables_lock(const std::string& path) {
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
  if (fd) return fd;
  const int code = errno;
  auto error = base::system_error("open lock file '" + path + "'", code);
  if (code != EACCES && code != EPERM) return error;
  return std::unexpected(base::Error{
      .message = error.error().message + "; changing the firewall needs root, or CAP_NET_ADMIN and this file",
      .code = code});
}

base::Result<bool> try_xtables_lock(int fd, const std::string& path) {
  const int code = lock_descriptor(fd, LOCK_EX | LOCK_NB);
  if (code != 0 && code != EWOULDBLOCK) return base::system_error("lock '" + path + "'", code);
  return code == 0;
}

base::Error locked_out(int fd, const std::string& path, std::chrono::milliseconds waited) {
  const std::string how_long =
      waited.count() == 0
          ? ""
          : fmt::format(" and did not let go of it in {} s", std::chrono::duration<double>(waited).count());
  return {.message = describe_lock_holder(fd) + " holds the xtables lock ('" + path + "')" + how_long,
          .code = ETIMEDOUT};
}

base::Result<base::UniqueFd> take_xtables_lock(const std::string& path, const Patience& patience,
                                               const Progress& progress) {
  base::UniqueFd fd = VM_TRY(open_xtables_lock(path));
  const auto silence = std::min(patience.value_or(kSilence), kSilence);
  int code = try_for(fd.get(), silence);
  if (code == EWOULDBLOCK && patience != silence) {
    if (progress)
      progress("waiting for " + describe_lock_holder(fd.get()) + ", which holds the xtables lock ('" + path + "')");
    code = patience ? try_for(fd.get(), *patience - silence) : lock_descriptor(fd.get(), LOCK_EX);
  }
  if (code == 0) return fd;
  if (code != EWOULDBLOCK) return base::system_error("lock '" + path + "'", code);
  return std::unexpected(locked_out(fd.get(), path, *patience));
}

}  // namespace vuurmuur::apply
