// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "net/address.h"

namespace vuurmuur::ir {

/// The bits of an address in two words, the first bit the highest of the first word: masks and compares in a few
/// instructions. An IPv4 address fills the upper half of the first word.
struct AddressBits {
  std::uint64_t high = 0, low = 0;
  bool operator==(const AddressBits&) const = default;

  [[nodiscard]] static AddressBits of(const net::Address& address) {
    AddressBits bits;
    for (unsigned i = 0; i < 8; ++i) bits.high = bits.high << 8 | address.bytes[i];
    for (unsigned i = 8; i < 16; ++i) bits.low = bits.low << 8 | address.bytes[i];
    return bits;
  }
  /// The first `length` bits set.
  [[nodiscard]] static constexpr AddressBits mask(unsigned length) {
    if (length == 0) return {};
    if (length <= 64) return {~std::uint64_t{0} << (64 - length), 0};
    return {~std::uint64_t{0}, ~std::uint64_t{0} << (128 - length)};
  }
  [[nodiscard]] constexpr AddressBits operator&(const AddressBits& other) const {
    return {high & other.high, low & other.low};
  }
};

}  // namespace vuurmuur::ir
