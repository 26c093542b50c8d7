// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/kernel_set.h"
#include "base/file_system.h"
#include "base/result.h"
#include "control/clock.h"

namespace vuurmuur::control {

/// Who is blocked and until when, on disk: DIRECTORY/blocks, or who is led to one bait: a file of its own. A line for
/// each time that somebody was blocked or is not any more. A line is appended as a whole and synced; what a crash left
/// of one counts for nothing. The file is written anew, as a whole or not at all, when most of its lines are over.
///
/// A deadline is kept on two clocks: in the boot in which it was made by CLOCK_BOOTTIME, which nobody can set; in
/// another one by the time of day, but never longer than what was left when it was written.
///
/// Processes that write hold take_file_lock(DIRECTORY, "blocks.lock").
class BlockLog {
 public:
  BlockLog(base::FileSystem& files, std::string directory, const Clock& clock, std::string_view file = "blocks")
      : files_(files), path_(std::move(directory).append("/").append(file)), clock_(clock) {}

  /// Takes up what was written since the last time, by whomever. Also writes the file anew when it is time for that and
  /// `may_write`.
  [[nodiscard]] base::Result<void> refresh(bool may_write);

  /// Who is blocked, as of the last refresh(), with those whose time is over; by prefix.
  using Entries = std::map<net::Prefix, std::int64_t>;
  [[nodiscard]] const Entries& hosts() const { return hosts_; }
  [[nodiscard]] const Entries& networks() const { return networks_; }

  /// Writes down that these are blocked from now on and those are not.
  [[nodiscard]] base::Result<void> append(std::span<const apply::TimedElement> blocked,
                                          std::span<const net::Prefix> unblocked);

  /// Lines that could not be read, in the whole file.
  [[nodiscard]] std::size_t bad_lines() const { return bad_lines_; }

 private:
  void take_line(std::string_view line, const history::Moment& now);
  void take_block(std::string_view words, const history::Moment& now);
  void forget_all();
  [[nodiscard]] Entries& entries_of(const net::Prefix& prefix);
  [[nodiscard]] std::string line_of(const apply::TimedElement& element, std::int64_t now) const;
  [[nodiscard]] base::Result<void> rewrite(const history::Moment& now);

  base::FileSystem& files_;
  std::string path_;
  const Clock& clock_;
  Entries hosts_, networks_;
  // What was read of which file.
  ino_t inode_ = 0;
  off_t read_ = 0;
  std::string boot_;  ///< of the lines that come
  std::size_t lines_ = 0, bad_lines_ = 0;
  bool is_of_other_boot_ = false;  ///< whether a deadline was made in another boot
};

}  // namespace vuurmuur::control
