// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace vuurmuur::log {
namespace {

/// So much is written at once at most: one line more does not wait for the end of a turn.
constexpr std::size_t kWaiting = 1u << 20;
constexpr std::chrono::seconds kBetweenLooks{1};
/// Nobody else reads who talks to whom; a directory may let a group in, and then its files are for the group.
constexpr mode_t kMode = 0640;

}  // namespace

LogFile::~LogFile() { static_cast<void>(flush()); }

void LogFile::add(std::string_view lines, std::uint64_t count) {
  waiting_ += lines;
  waiting_lines_ += count;
  if (waiting_.size() >= kWaiting) static_cast<void>(flush());
}

base::Result<void> LogFile::open() {
  file_.reset(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, kMode));
  if (!file_) return base::system_error(fmt::format("open '{}'", path_), errno);
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    file_.reset();
    return base::failure(fmt::format("'{}' is no regular file", path_));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  // A new one, whatever umask a daemon has.
  if (size_ == 0 && status.st_uid == ::geteuid()) static_cast<void>(::fchmod(file_.get(), kMode));
  looked_ = std::chrono::steady_clock::now();
  return {};
}

/// logrotate(8) and people rename files.
void LogFile::look_for_move() {
  const auto now = std::chrono::steady_clock::now();
  if (!file_ || now - looked_ < kBetweenLooks) return;
  looked_ = now;
  struct stat ours{}, there{};
  if (::fstat(file_.get(), &ours) != 0 || ::stat(path_.c_str(), &there) != 0 || ours.st_ino != there.st_ino ||
      ours.st_dev != there.st_dev)
    return file_.reset();
  // Others truncate (copytruncate).
  size_ = static_cast<std::uint64_t>(ours.st_size);
}

void LogFile::rotate() {
  for (unsigned number = limits_.kept; number > 0; --number)
    for (const char* end : {"", ".gz"}) {
      const std::string from = fmt::format("{}.{}{}", path_, number, end);
      if (number == limits_.kept)
        ::unlink(from.c_str());
      else
        ::rename(from.c_str(), fmt::format("{}.{}{}", path_, number + 1, end).c_str());
    }
  if (limits_.kept == 0 || ::rename(path_.c_str(), (path_ + ".1").c_str()) != 0) ::unlink(path_.c_str());
  file_.reset();
}

base::Result<void> LogFile::write_out() {
  look_for_move();
  if (!file_) VM_TRY_VOID(open());
  if (limits_.bytes != 0 && size_ != 0 && size_ + waiting_.size() > limits_.bytes) {
    rotate();
    VM_TRY_VOID(open());
  }
  std::size_t written = 0;
  while (written < waiting_.size()) {
    const ssize_t count = ::write(file_.get(), waiting_.data() + written, waiting_.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) {
      written += static_cast<std::size_t>(count);
      continue;
    }
    const int error = count == 0 ? ENOSPC : errno;
    // A piece of a line would be taken for one. Where it cannot be taken away, the next one begins behind a line break.
    if (written != 0 && ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) file_.reset();
    return base::system_error(fmt::format("write '{}'", path_), error);
  }
  size_ += written;
  return {};
}

base::Result<void> LogFile::flush() {
  if (waiting_.empty()) return {};
  auto result = write_out();
  if (!result) left_out_ += waiting_lines_;
  waiting_.clear();
  waiting_lines_ = 0;
  const bool had_failed = std::exchange(has_failed_, !result);
  if (!result && had_failed) return {};
  return result;
}

}  // namespace vuurmuur::log
