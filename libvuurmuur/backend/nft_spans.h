// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <algorithm>
#include <vector>

namespace vuurmuur::backend::nft {

/// A number of 128 bits: an address, or what is looked at of a mark.
__extension__ typedef unsigned __int128 Wide;

/// The numbers first..last, both included.
struct Span {
  Wide first = 0, last = 0;
  [[nodiscard]] bool is_one() const { return first == last; }
  bool operator==(const Span&) const = default;
};

/// Disjoint, in order.
using Spans = std::vector<Span>;

/// What is in both, and what is in `spans` alone.
struct Divided {
  Spans within, outside;
};

[[nodiscard]] inline Divided divide(const Spans& spans, const Span& by) {
  Divided result;
  for (const Span& span : spans) {
    const Wide first = std::max(span.first, by.first), last = std::min(span.last, by.last);
    if (first > last) {
      result.outside.push_back(span);
      continue;
    }
    if (span.first < first) result.outside.push_back({span.first, first - 1});
    result.within.push_back({first, last});
    if (last < span.last) result.outside.push_back({last + 1, span.last});
  }
  return result;
}

}  // namespace vuurmuur::backend::nft
