// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace vuurmuur::respond {

/// Cuts what comes in pieces into lines. A line that is too long is skipped as a whole, and told as such.
class LineCutter {
 public:
  static constexpr std::size_t kLongest = 1 << 20;

  /// Calls `line` for each line that a piece ends, without its end. The views are valid within the call.
  void add(std::string_view piece, const std::function<void(std::string_view line)>& line);

  /// Lines that were too long.
  [[nodiscard]] std::size_t skipped() const { return skipped_; }

 private:
  std::string begun_;
  bool is_skipping_ = false;
  std::size_t skipped_ = 0;
};

}  // namespace vuurmuur::respond
