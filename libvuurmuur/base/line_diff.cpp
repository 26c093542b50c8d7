// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/line_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace vuurmuur::base {
namespace {

using Place = std::ptrdiff_t;
using Line = std::size_t;  ///< equal lines have equal numbers

/// Lines with their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

/// Which lines have no partner on the other side, after Myers, "An O(ND) Difference Algorithm and Its Variations"
/// (1986), the variant in linear space.
class Comparison {
 public:
  Comparison(std::vector<Line> before, std::vector<Line> after)
      : before_(std::move(before)),
        after_(std::move(after)),
        forward_(before_.size() + after_.size() + 3),
        backward_(forward_.size()),
        is_removed_(before_.size()),
        is_added_(after_.size()) {
    compare({0, static_cast<Place>(before_.size()), 0, static_cast<Place>(after_.size())});
  }

  [[nodiscard]] bool is_removed(std::size_t line) const { return is_removed_[line]; }
  [[nodiscard]] bool is_added(std::size_t line) const { return is_added_[line]; }

 private:
  /// Lines [x, x_end) of the one and [y, y_end) of the other text.
  struct Box {
    Place x, x_end, y, y_end;
    [[nodiscard]] Place width() const { return x_end - x; }
    [[nodiscard]] Place height() const { return y_end - y; }
  };
  struct Point {
    Place x, y;
  };

  static constexpr Place kNowhere = std::numeric_limits<Place>::min() / 2;
  /// After so many steps without an end a split need not be the best one.
  static constexpr Place kMostSteps = 512;

  void compare(Box box) {
    for (;;) {
      while (box.width() > 0 && box.height() > 0 && same(box.x, box.y)) ++box.x, ++box.y;
      while (box.width() > 0 && box.height() > 0 && same(box.x_end - 1, box.y_end - 1)) --box.x_end, --box.y_end;
      if (box.width() == 0 || box.height() == 0) break;
      const Point middle = split(box);
      compare({box.x, middle.x, box.y, middle.y});
      box.x = middle.x;
      box.y = middle.y;
    }
    std::fill(is_removed_.begin() + box.x, is_removed_.begin() + box.x_end, true);
    std::fill(is_added_.begin() + box.y, is_added_.begin() + box.y_end, true);
  }

  [[nodiscard]] bool same(Place x, Place y) const {
    return before_[static_cast<std::size_t>(x)] == after_[static_cast<std::size_t>(y)];
  }

  /// A point on a shortest way through a box, neither of its corners: the first and the last lines differ.
  [[nodiscard]] Point split(const Box& box) {
    const Place width = box.width(), height = box.height(), end = width - height;
    const auto ahead = [&](Place x, Place y) { return same(box.x + x, box.y + y); };
    const auto behind = [&](Place x, Place y) { return same(box.x_end - 1 - x, box.y_end - 1 - y); };
    // place(forward_, k): how far along the first text one gets on diagonal k = x - y with the steps made so far.
    const auto place = [&](std::vector<Place>& reach, Place diagonal) -> Place& {
      return reach[static_cast<std::size_t>(diagonal + height + 1)];
    };
    // One more step from each end; calls `met` for each diagonal that was reached.
    const auto step = [&](std::vector<Place>& reach, Place steps, const auto& equal, const auto& met) {
      const Place lowest = std::max(-steps, -height), highest = std::min(steps, width);
      place(reach, lowest - 1) = place(reach, highest + 1) = kNowhere;
      if (steps == 0) place(reach, 1) = 0;
      for (Place k = lowest + ((lowest + steps) & 1); k <= highest; k += 2) {
        Place x = std::max(place(reach, k + 1), place(reach, k - 1) + 1);
        if (x < 0 || x > width || x - k > height) {
          place(reach, k) = kNowhere;
          continue;
        }
        while (x < width && x - k < height && equal(x, x - k)) ++x;
        place(reach, k) = x;
        if (met(k, x)) return true;
      }
      return false;
    };
    Point found{};
    for (Place steps = 0;; ++steps) {
      const bool is_odd = (end & 1) != 0;
      const auto covers = [&](Place k, Place done) { return k >= -done && k <= done && k >= -height && k <= width; };
      if (step(forward_, steps, ahead, [&](Place k, Place x) {
            if (!is_odd || !covers(end - k, steps - 1) || x + place(backward_, end - k) < width) return false;
            found = {box.x + x, box.y + x - k};
            return true;
          }))
        return found;
      if (step(backward_, steps, behind, [&](Place k, Place x) {
            if (is_odd || !covers(end - k, steps) || x + place(forward_, end - k) < width) return false;
            found = {box.x_end - x, box.y_end - (x - k)};
            return true;
          }))
        return found;
      if (steps == kMostSteps) return furthest(box, steps, place);
    }
  }

  template <class PlaceOf>
  [[nodiscard]] Point furthest(const Box& box, Place steps, const PlaceOf& place) {
    Point best{};
    Place most = 0;
    const Place lowest = std::max(-steps, -box.height()), highest = std::min(steps, box.width());
    for (Place k = lowest + ((lowest + steps) & 1); k <= highest; k += 2) {
      const Place x = place(forward_, k);
      if (2 * x - k <= most) continue;
      most = 2 * x - k;
      best = {box.x + x, box.y + x - k};
    }
    return best;
  }

  std::vector<Line> before_, after_;
  std::vector<Place> forward_, backward_;
  std::vector<bool> is_removed_, is_added_;
};

class HunkWriter {
 public:
  HunkWriter(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after,
             const Comparison& comparison, std::size_t context)
      : before_(before), after_(after), comparison_(comparison), context_(context) {}

  [[nodiscard]] std::vector<Hunk> write() {
    std::size_t x = 0, y = 0, same = 0;  // same: unchanged lines behind the last change
    while (x < before_.size() || y < after_.size()) {
      const bool is_removed = x < before_.size() && comparison_.is_removed(x);
      const bool is_added = !is_removed && y < after_.size() && comparison_.is_added(y);
      if (!is_removed && !is_added) {
        if (!hunks_.empty()) pending_.push_back(before_[x]);
        ++same, ++x, ++y;
        continue;
      }
      if (hunks_.empty() || same > 2 * context_) {
        close();
        open(x, y, std::min(same, context_));
      } else {
        for (const std::string_view line : pending_) add(' ', line);
      }
      pending_.clear();
      same = 0;
      if (is_removed)
        add('-', before_[x++]);
      else
        add('+', after_[y++]);
    }
    close();
    return std::move(hunks_);
  }

 private:
  void open(std::size_t x, std::size_t y, std::size_t lead) {
    hunks_.push_back({.before_line = x - lead, .after_line = y - lead, .lines = {}});
    for (std::size_t i = x - lead; i < x; ++i) add(' ', before_[i]);
  }

  /// What stands behind the last change, and the numbers as diff has them.
  void close() {
    if (hunks_.empty()) return;
    for (std::size_t i = 0; i < std::min(context_, pending_.size()); ++i) add(' ', pending_[i]);
    Hunk& hunk = hunks_.back();
    if (hunk.before_count != 0) ++hunk.before_line;
    if (hunk.after_count != 0) ++hunk.after_line;
  }

  void add(char sign, std::string_view line) {
    Hunk& hunk = hunks_.back();
    if (sign != '+') ++hunk.before_count;
    if (sign != '-') ++hunk.after_count;
    const bool has_end = line.ends_with('\n');
    hunk.lines.push_back(sign + std::string(line.substr(0, line.size() - (has_end ? 1 : 0))));
    if (!has_end) hunk.lines.emplace_back("\\ No newline at end of file");
  }

  const std::vector<std::string_view>& before_;
  const std::vector<std::string_view>& after_;
  const Comparison& comparison_;
  std::size_t context_;
  std::vector<Hunk> hunks_;
  std::vector<std::string_view> pending_;  ///< unchanged lines behind the last change
};

}  // namespace

std::vector<Hunk> diff_lines(std::string_view before, std::string_view after, std::size_t context) {
  if (before == after) return {};
  const auto old_lines = lines_of(before), new_lines = lines_of(after);
  std::unordered_map<std::string_view, Line> numbers;
  const auto numbered = [&](const std::vector<std::string_view>& lines) {
    std::vector<Line> result;
    result.reserve(lines.size());
    for (const std::string_view line : lines) result.push_back(numbers.try_emplace(line, numbers.size()).first->second);
    return result;
  };
  auto old_numbers = numbered(old_lines), new_numbers = numbered(new_lines);
  const Comparison comparison(std::move(old_numbers), std::move(new_numbers));
  return HunkWriter(old_lines, new_lines, comparison, context).write();
}

std::string header_of(const Hunk& hunk) {
  const auto range = [](std::size_t line, std::size_t count) {
    return count == 1 ? fmt::format("{}", line) : fmt::format("{},{}", line, count);
  };
  return fmt::format("@@ -{} +{} @@", range(hunk.before_line, hunk.before_count),
                     range(hunk.after_line, hunk.after_count));
}

}  // namespace vuurmuur::base
