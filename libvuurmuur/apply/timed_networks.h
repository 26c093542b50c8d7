// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

#include "apply/kernel_set.h"

namespace vuurmuur::apply {

/// Addresses from the first to the last of one family, until a deadline.
struct TimedSpan {
  net::Address first{}, last{};
  std::int64_t deadline = TimedElement::kForever;
  auto operator<=>(const TimedSpan&) const = default;
};

/// What networks of one family, each with its deadline and perhaps one in the other, are as spans that do not overlap,
/// in order: an address is in a span until the last of its networks goes. nf_tables takes no intervals that overlap.
/// The spans in a network depend on nothing but what holds it or is in it, and those that are left at a later time are
/// the spans of the networks that are left then.
[[nodiscard]] std::vector<TimedSpan> flatten(std::span<const TimedElement> networks);

}  // namespace vuurmuur::apply
