// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <algorithm>
#include <bit>
#include <compare>
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
  /// The highest with the same leading bits.
  [[nodiscard]] Bits32 last(unsigned length) const {
    return {length == 32 ? value : value | ~std::uint32_t{0} >> length};
  }
  [[nodiscard]] bool is_highest() const { return value == ~std::uint32_t{0}; }
  [[nodiscard]] Bits32 next() const { return {value + 1}; }
  [[nodiscard]] std::uint64_t hash() const {
    const std::uint64_t mixed = value * 0x9e3779b97f4a7c15u;
    return mixed ^ mixed >> 32;
  }
  auto operator<=>(const Bits32&) const = default;
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
  [[nodiscard]] Bits128 last(unsigned length) const {
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    if (length < 64) return {high | kAll >> length, kAll};
    return {high, length == 128 ? low : low | kAll >> (length - 64)};
  }
  [[nodiscard]] bool is_highest() const { return (high & low) == ~std::uint64_t{0}; }
  [[nodiscard]] Bits128 next() const { return {high + (low == ~std::uint64_t{0} ? 1 : 0), low + 1}; }
  [[nodiscard]] std::uint64_t hash() const {
    std::uint64_t mixed = (high ^ std::rotl(low, 29)) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 32 ^ low) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 32;
  }
  auto operator<=>(const Bits128&) const = default;

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

/// From prefixes of one family to places, the longest that holds an address first: as the runs of addresses that have
/// the same place, in their order. A look halves them: ten steps of a thousand prefixes, whatever their lengths.
template <class Bits>
class PrefixTable {
 public:
  /// Of two that are the same the first counts. Before finish().
  void add(const Bits& bits, std::uint8_t length, Place place) {
    added_.push_back({bits.leading(length), length, place});
  }

  /// All were added.
  void finish() {
    // Wider ones first where several begin.
    std::ranges::stable_sort(added_, [](const Added& a, const Added& b) {
      return a.first != b.first ? a.first < b.first : a.length < b.length;
    });
    std::vector<Added> open;  // each holds those behind it
    const auto close = [&] {
      const Bits last = open.back().first.last(open.back().length);
      open.pop_back();
      if (!last.is_highest()) begin_run(last.next(), open.empty() ? kNowhere : open.back().place);
    };
    for (const Added& added : added_) {
      while (!open.empty() && open.back().first.last(open.back().length) < added.first) close();
      if (!open.empty() && open.back().first == added.first && open.back().length == added.length) continue;
      begin_run(added.first, added.place);
      open.push_back(added);
    }
    while (!open.empty()) close();
    added_ = {};
  }

  [[nodiscard]] Place find(const Bits& bits) const {
    const auto behind = std::ranges::upper_bound(begins_, bits);
    return behind == begins_.begin() ? kNowhere : places_[static_cast<std::size_t>(behind - begins_.begin()) - 1];
  }

 private:
  struct Added {
    Bits first;
    std::uint8_t length = 0;
    Place place = kNowhere;
  };

  /// One that begins where the last one does takes its place.
  void begin_run(const Bits& first, Place place) {
    if (begins_.empty() || begins_.back() != first) {
      begins_.push_back(first);
      places_.push_back(place);
    } else {
      places_.back() = place;
    }
  }

  std::vector<Added> added_;
  std::vector<Bits> begins_;  ///< of runs, sorted
  std::vector<Place> places_;
};

}  // namespace vuurmuur::names
