// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/line_cutter.h"

#include <algorithm>

namespace vuurmuur::respond {

void LineCutter::add(std::string_view piece, const std::function<void(std::string_view line)>& line) {
  for (;;) {
    const std::size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    const bool is_too_long = begun_.size() + part.size() > kLongest;
    if (is_too_long && !is_skipping_) ++skipped_;
    is_skipping_ = is_skipping_ || is_too_long;
    if (is_skipping_) begun_.clear();
    if (end == std::string_view::npos) {
      if (!is_skipping_) begun_ += part;
      return;
    }
    if (!is_skipping_) {
      if (begun_.empty()) {
        line(part);
      } else {
        begun_ += part;
        line(begun_);
      }
    }
    begun_.clear();
    is_skipping_ = false;
    piece.remove_prefix(end + 1);
  }
}

}  // namespace vuurmuur::respond
