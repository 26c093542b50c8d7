// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/lock_holder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "apply/process_name.h"
#include "base/strings.h"
#include "base/unique_fd.h"

namespace vuurmuur::apply {
namespace {

/// A file of /proc, which tells no size; empty when it cannot be read.
std::string read_all(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t size = 0; fd && (size = ::read(fd.get(), buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(size));
  return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : base::split(line, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

/// Whether a text like "fe:00:1234", numbers of the device in hexadecimal, means a file.
bool means_file(std::string_view text, dev_t device, ino_t inode) {
  const std::vector<std::string_view> parts = base::split(text, ':');
  if (parts.size() != 3) return false;
  const auto major_number = base::parse_number<unsigned>(parts[0], 16);
  const auto minor_number = base::parse_number<unsigned>(parts[1], 16);
  return major_number && minor_number && makedev(*major_number, *minor_number) == device &&
         base::parse_number<ino_t>(parts[2]) == inode;
}

}  // namespace

std::optional<pid_t> lock_holder(std::string_view locks, dev_t device, ino_t inode) {
  // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF"; "1: -> FLOCK …" is one that waits.
  for (const std::string_view line : base::split(locks, '\n')) {
    const std::vector<std::string_view> words = words_of(line);
    if (words.size() < 6 || words[1] != "FLOCK" || !means_file(words[5], device, inode)) continue;
    if (const auto process = base::parse_number<pid_t>(words[4]); process && *process > 0) return process;
  }
  return std::nullopt;
}

std::string describe_lock_holder(int fd) {
  struct stat file = {};
  if (::fstat(fd, &file) != 0) return "another program";
  const auto holder = lock_holder(read_all("/proc/locks"), file.st_dev, file.st_ino);
  if (!holder) return "another program";
  const std::string process = "process " + std::to_string(*holder);
  const std::string name = process_name(*holder);
  // The process that took the lock may be gone and have left it to a child.
  return name.empty() ? process : name + " (" + process + ")";
}

}  // namespace vuurmuur::apply
