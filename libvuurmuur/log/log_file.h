// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace vuurmuur::log {

/// A file that lines are appended to, with its older ones beside it: "traffic.log", "traffic.log.1", "traffic.log.2.gz"….
/// It never grows beyond its limit, so that a flood cannot fill the disk; whatever else rotates it may do so as well.
class LogFile {
 public:
  struct Limits {
    std::uint64_t bytes = 64u << 20;  ///< of one file; 0: no limit
    unsigned kept = 4;                ///< older ones; of those that others compressed too
  };

  LogFile(std::string path, Limits limits) : path_(std::move(path)), limits_(limits) {}
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// A whole line, or several, with their line breaks. They stay in memory until flush(), or until there are many.
  void add(std::string_view lines, std::uint64_t count = 1);
  /// Writes what was added. What cannot be written is left out and counted: memory does not grow, and the file has whole
  /// lines only. The error is that of the first failure after a success; later ones are silent.
  [[nodiscard]] base::Result<void> flush();
  /// Somebody moved the file: the next line goes into a new one. That is noticed without this call as well, within a
  /// second of lines.
  void reopen() { file_.reset(); }

  /// Lines that could not be written since the last call.
  [[nodiscard]] std::uint64_t take_left_out() { return std::exchange(left_out_, 0); }
  /// Whether the last flush() wrote all that there was.
  [[nodiscard]] bool is_writable() const { return !has_failed_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// In force with the next line.
  void set_limits(Limits limits) { limits_ = limits; }

 private:
  [[nodiscard]] base::Result<void> open();
  [[nodiscard]] base::Result<void> write_out();
  void look_for_move();
  void rotate();

  std::string path_;
  Limits limits_;
  base::UniqueFd file_;
  std::uint64_t size_ = 0;  ///< of the file
  std::string waiting_;
  std::uint64_t waiting_lines_ = 0, left_out_ = 0;
  bool has_failed_ = false;
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace vuurmuur::log
