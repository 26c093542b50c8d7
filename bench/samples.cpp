// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace vuurmuur::bench {
namespace {

template <class Combine>
Samples pair_up(const Samples& a, const Samples& b, Combine combine) {
  VM_ASSERT(a.values().size() == b.values().size());
  Samples result;
  for (std::size_t i = 0; i < a.values().size(); ++i) result.add(combine(a.values()[i], b.values()[i]));
  return result;
}

}  // namespace

double Samples::min() const { return std::ranges::min(values_); }
double Samples::max() const { return std::ranges::max(values_); }

double Samples::median() const {
  VM_ASSERT(!values_.empty());
  std::vector<double> sorted = values_;
  std::ranges::sort(sorted);
  return sorted[sorted.size() / 2];
}

std::string Samples::to_string(int digits) const {
  if (empty()) return "–";
  return fmt::format("{:.{}f} ({:.{}f}–{:.{}f})", median(), digits, min(), digits, max(), digits);
}

Samples ratios(const Samples& a, const Samples& b) {
  return pair_up(a, b, [](double x, double y) { return x / y; });
}

Samples differences(const Samples& a, const Samples& b) {
  return pair_up(a, b, [](double x, double y) { return x - y; });
}

}  // namespace vuurmuur::bench
