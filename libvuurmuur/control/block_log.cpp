// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/block_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/strings.h"
#include "base/unique_fd.h"

namespace vuurmuur::control {
namespace {

using apply::TimedElement;

constexpr std::string_view kFirstLine = "vuurmuur-blocks 1";
constexpr std::int64_t kSecond = 1'000'000'000;
/// Lines that may be over before the file is written anew, besides as many as there are others.
constexpr std::size_t kSpareLines = 10'000;

bool is_host(const net::Prefix& prefix) { return prefix.length == net::address_bits(prefix.family()); }

base::Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return base::system_error("write '" + path + "'", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(fd) != 0) return base::system_error("write '" + path + "'", errno);
  return {};
}

base::Result<std::string> read_from(int fd, off_t begin, off_t end, const std::string& path) {
  std::string text(static_cast<std::size_t>(end - begin), '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t count = ::pread(fd, text.data() + got, text.size() - got, begin + static_cast<off_t>(got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::system_error("read '" + path + "'", errno);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  text.resize(got);
  return text;
}

}  // namespace

BlockLog::Entries& BlockLog::entries_of(const net::Prefix& prefix) { return is_host(prefix) ? hosts_ : networks_; }

void BlockLog::forget_all() {
  hosts_.clear();
  networks_.clear();
  read_ = 0;
  lines_ = bad_lines_ = 0;
  is_of_other_boot_ = false;
}

base::Result<void> BlockLog::refresh(bool may_write) {
  const base::UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) {
    forget_all();
    inode_ = 0;
    return {};
  }
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return base::system_error("read '" + path_ + "'", errno);
  if (status.st_ino != inode_ || status.st_size < read_) forget_all();
  inode_ = status.st_ino;
  const std::string text = VM_TRY(read_from(fd.get(), read_, status.st_size, path_));
  const history::Moment now = clock_.now();
  // What comes behind the last end of line is not whole yet.
  std::string_view left = text;
  for (std::size_t end; (end = left.find('\n')) != std::string_view::npos; left.remove_prefix(end + 1))
    take_line(left.substr(0, end), now);
  read_ += static_cast<off_t>(text.size() - left.size());
  const bool is_old = is_of_other_boot_ || lines_ > 2 * (hosts_.size() + networks_.size()) + kSpareLines;
  return may_write && is_old ? rewrite(now) : base::Result<void>{};
}

void BlockLog::take_line(std::string_view line, const history::Moment& now) {
  ++lines_;
  if (line.empty() || line == kFirstLine) return;
  if (line.starts_with("boot ")) {
    boot_ = line.substr(5);
  } else if (line.starts_with("+ ")) {
    take_block(line.substr(2), now);
  } else if (const auto prefix = net::Prefix::parse(line.substr(std::min<std::size_t>(2, line.size())));
             prefix && line.starts_with("- ")) {
    entries_of(*prefix).erase(*prefix);
  } else {
    ++bad_lines_;
  }
}

/// "PREFIX", or "PREFIX TIME-OF-DAY SECONDS-LEFT BOOTTIME".
void BlockLog::take_block(std::string_view words, const history::Moment& now) {
  const auto parts = base::split(words, ' ');
  const auto prefix = net::Prefix::parse(parts.front());
  if (!prefix || *prefix != prefix->network() || (parts.size() != 1 && parts.size() != 4)) {
    ++bad_lines_;
    return;
  }
  std::int64_t deadline = TimedElement::kForever;
  if (parts.size() == 4) {
    const auto wall = base::parse_number<std::int64_t>(parts[1]), left = base::parse_number<std::int64_t>(parts[2]),
               boottime = base::parse_number<std::int64_t>(parts[3]);
    constexpr std::int64_t kMost = INT64_MAX / kSecond / 4;
    if (!wall || !left || !boottime || *left < 0 || *left > kMost || *boottime < 0) {
      ++bad_lines_;
      return;
    }
    deadline = *boottime;
    if (boot_ != now.boot) {
      is_of_other_boot_ = true;
      const std::int64_t wall_left = std::clamp<std::int64_t>(*wall, 0, kMost) - clock_.wall_seconds();
      deadline = now.nanoseconds + std::clamp<std::int64_t>(wall_left, 0, *left) * kSecond;
    }
  }
  entries_of(*prefix)[*prefix] = deadline;
}

std::string BlockLog::line_of(const TimedElement& element, std::int64_t now) const {
  const std::string prefix = is_host(element.prefix) ? element.prefix.address.to_string() : element.prefix.to_string();
  if (element.deadline == TimedElement::kForever) return fmt::format("+ {}\n", prefix);
  const std::int64_t left = (element.deadline - now + kSecond - 1) / kSecond;
  return fmt::format("+ {} {} {} {}\n", prefix, clock_.wall_seconds() + left, left, element.deadline);
}

base::Result<void> BlockLog::rewrite(const history::Moment& now) {
  std::string text = fmt::format("{}\nboot {}\n", kFirstLine, now.boot);
  for (Entries* entries : {&hosts_, &networks_}) {
    std::erase_if(*entries, [&](const auto& entry) { return entry.second <= now.nanoseconds; });
    for (const auto& [prefix, deadline] : *entries)
      text += line_of({.prefix = prefix, .deadline = deadline}, now.nanoseconds);
  }
  VM_TRY_VOID(files_.replace_file(path_, text));
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return base::system_error("read '" + path_ + "'", errno);
  inode_ = status.st_ino;
  read_ = static_cast<off_t>(text.size());
  boot_ = now.boot;
  lines_ = hosts_.size() + networks_.size() + 2;
  bad_lines_ = 0;
  is_of_other_boot_ = false;
  return {};
}

base::Result<void> BlockLog::append(std::span<const TimedElement> blocked, std::span<const net::Prefix> unblocked) {
  const history::Moment now = clock_.now();
  if (const auto there = files_.status(path_); !there)
    VM_TRY_VOID(files_.replace_file(path_, fmt::format("{}\n", kFirstLine)));
  const base::UniqueFd fd(::open(path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return base::system_error("write '" + path_ + "'", errno);
  // Half a line that a crash left becomes a line of its own.
  const std::string last =
      status.st_size == 0 ? "\n" : VM_TRY(read_from(fd.get(), status.st_size - 1, status.st_size, path_));
  std::string text = last == "\n" ? "" : "\n";
  text += fmt::format("boot {}\n", now.boot);
  for (const net::Prefix& prefix : unblocked) text += fmt::format("- {}\n", prefix.to_string());
  for (const TimedElement& element : blocked) text += line_of(element, now.nanoseconds);
  const auto written = write_all(fd.get(), text, path_);
  // Nothing rather than a part of it.
  if (!written) static_cast<void>(::ftruncate(fd.get(), status.st_size));
  return written;
}

}  // namespace vuurmuur::control
