// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/nearest.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"

namespace vuurmuur::base {
namespace {

constexpr unsigned kMaxEdits = 3;

}  // namespace

unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit) {
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::vector<unsigned> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<unsigned>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<unsigned>(i);
    unsigned best = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const unsigned replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      best = std::min(best, row[j]);
    }
    if (best > limit) return limit + 1;
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], limit + 1);
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > 4096) return std::nullopt;
  const std::string wanted = to_lower(word);
  std::optional<std::string> found;
  unsigned limit = std::min<unsigned>(kMaxEdits, word.empty() ? 0 : static_cast<unsigned>(word.size()) - 1);
  for (std::string_view candidate : candidates) {
    const unsigned edits = edit_distance(wanted, to_lower(candidate), limit);
    if (edits > limit) continue;
    found = std::string(candidate);
    if (edits == 0) break;
    limit = edits - 1;
  }
  return found;
}

}  // namespace vuurmuur::base
