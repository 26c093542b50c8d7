// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "log/record.h"

namespace vuurmuur::log {

/// A file of a log: the current one, or one that was rotated away.
struct StoredFile {
  std::string path;
  Time changed{};  ///< when the last line came
  std::uint64_t bytes = 0;
  bool operator==(const StoredFile&) const = default;
};

/// "DIR/traffic.log" with what rotation made of it ("traffic.log.1", "traffic.log.2.gz", "traffic.log-20261123.xz"),
/// oldest first, the current one last. Nothing is no error.
[[nodiscard]] base::Result<std::vector<StoredFile>> stored_files(const std::string& path);

/// Longer lines are passed over: no log of ours has them.
inline constexpr std::size_t kLongestLine = 16 * 1024;

/// Calls `visit` with each line of a file, compressed or not (gzip, xz, zstd, bzip2), without its line break, until it
/// gives false. One that was rotated away meanwhile is no error. Memory does not depend on the file.
[[nodiscard]] base::Result<void> read_lines(const std::string& path,
                                            const std::function<bool(std::string_view line)>& visit);

}  // namespace vuurmuur::log
