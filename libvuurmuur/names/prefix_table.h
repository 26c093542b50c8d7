// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "net/address.h"

namespace vuurmuur::names {

/// A place in a list; what stands for none.
using Place = std::uint32_t;
inline constexpr Place kNowhere = std::numeric_limits<Place>::max();

/// The bits of an IPv4 address, to be masked and compared at once.
struct Bits32 {
  std::uint32_t value = 0;

  [[nodiscard]] static Bits32 of(const net::Address& address) { return {address.to_ipv4()}; }
  /// Its leading bits alone; `length` up to 32.
  [[nodiscard]] Bits32 leading(unsigned length) const {
    return {length == 0 ? 0 : value & ~std::uint32_t{0} << (32 - length)};
  }
  [[nodiscard]] std::uint64_t hash() const {
    const std::uint64_t mixed = value * 0x9e3779b97f4a7c15u;
    return mixed ^ mixed >> 32;
  }
  bool operator==(const Bits32&) const = default;
};

/// The same of an IPv6 address.
struct Bits128 {
  std::uint64_t high = 0, low = 0;

  [[nodiscard]] static Bits128 of(const net::Address& address) {
    return {word_at(address.bytes.data()), word_at(address.bytes.data() + 8)};
  }
  /// `length` up to 128.
  [[nodiscard]] Bits128 leading(unsigned length) const {
    if (length == 0) return {};
    if (length <= 64) return {high & ~std::uint64_t{0} << (64 - length), 0};
    return {high, low & ~std::uint64_t{0} << (128 - length)};
  }
  [[nodiscard]] std::uint64_t hash() const {
    std::uint64_t mixed = (high ^ std::rotl(low, 29)) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 32 ^ low) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 32;
  }
  bool operator==(const Bits128&) const = default;

 private:
  /// In network order.
  [[nodiscard]] static std::uint64_t word_at(const std::uint8_t* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
    return word;
  }
};

/// From bits to places: one array with open addressing, half of it free at least, so that a look is one or two lines of
/// the processor's cache whatever is in it.
template <class Bits>
class BitsTable {
 public:
  /// What was added first under the same bits stays.
  void add(const Bits& bits, Place place) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    count_ += put({bits, place}) ? 1 : 0;
  }

  [[nodiscard]] Place find(const Bits& bits) const {
    if (slots_.empty()) return kNowhere;
    for (std::size_t at = bits.hash() & mask(); slots_[at].place != kNowhere; at = (at + 1) & mask())
      if (slots_[at].bits == bits) return slots_[at].place;
    return kNowhere;
  }

 private:
  struct Slot {
    Bits bits;
    Place place = kNowhere;
  };
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }

  bool put(const Slot& slot) {
    std::size_t at = slot.bits.hash() & mask();
    for (; slots_[at].place != kNowhere; at = (at + 1) & mask())
      if (slots_[at].bits == slot.bits) return false;
    slots_[at] = slot;
    return true;
  }

  void grow() {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 16 : 2 * slots_.size()));
    for (const Slot& slot : old)
      if (slot.place != kNowhere) put(slot);
  }

  std::vector<Slot> slots_;  ///< a power of two of them
  std::size_t count_ = 0;
};

/// From prefixes of one family to places, the longest that holds an address first. A look asks one table for each
/// length that occurs, of which a configuration has a handful.
template <class Bits>
class PrefixTable {
 public:
  void add(const Bits& bits, std::uint8_t length, Place place) {
    auto at = std::ranges::lower_bound(lengths_, length, std::ranges::greater(), &Length::length);
    if (at == lengths_.end() || at->length != length) at = lengths_.insert(at, {.length = length});
    at->table.add(bits.leading(length), place);
  }

  [[nodiscard]] Place find(const Bits& bits) const {
    for (const Length& each : lengths_)
      if (const Place place = each.table.find(bits.leading(each.length)); place != kNowhere) return place;
    return kNowhere;
  }

 private:
  struct Length {
    std::uint8_t length = 0;
    BitsTable<Bits> table{};
  };
  std::vector<Length> lengths_;  ///< longest first
};

}  // namespace vuurmuur::names
