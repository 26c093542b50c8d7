// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

namespace vuurmuur::apply {

/// What a rule, a policy or an element of a set has seen.
struct Counters {
  std::uint64_t packets = 0, bytes = 0;
  bool operator==(const Counters&) const = default;

  Counters& operator+=(const Counters& other) {
    packets += other.packets;
    bytes += other.bytes;
    return *this;
  }
};

}  // namespace vuurmuur::apply
