// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace vuurmuur::analyse {

/// What packets are told apart by. One family of addresses at a time.
enum class Field : std::uint8_t {
  Chain,  ///< 0 INPUT, 1 FORWARD, 2 OUTPUT
  In,
  Out,              ///< devices, as Devices numbers them
  Protocol,         ///< IANA's number
  SourcePort,       ///< of TCP and UDP; of ICMP and ICMPv6 the type
  DestinationPort,  ///< of TCP and UDP; of ICMP and ICMPv6 the code
  Source,
  Destination,
  SourceMac,
  OwnAddress,  ///< whose address, that it gets from others, this machine's end is: free, for only the moment tells
};
inline constexpr std::size_t kFields = 10;

/// A value of a field; an IPv6 address needs all of its bits.
struct Value {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const Value&) const = default;
  /// The next one; that of the last is the first.
  [[nodiscard]] constexpr Value next() const { return {.high = low == UINT64_MAX ? high + 1 : high, .low = low + 1}; }
  /// The one before it; that of the first is the last.
  [[nodiscard]] constexpr Value before() const { return {.high = low == 0 ? high - 1 : high, .low = low - 1}; }
};
inline constexpr Value kLastValue{.high = UINT64_MAX, .low = UINT64_MAX};

/// Values first to last, both included.
struct Interval {
  Value first{}, last = kLastValue;
  bool operator==(const Interval&) const = default;
  [[nodiscard]] static constexpr Interval of(std::uint64_t first, std::uint64_t last) {
    return {.first = {.low = first}, .last = {.low = last}};
  }
  [[nodiscard]] static constexpr Interval one(std::uint64_t value) { return of(value, value); }
};

/// The packets whose fields are in an interval each; every packet, to begin with.
struct Box {
  std::array<Interval, kFields> fields{};
  [[nodiscard]] Interval& operator[](Field field) { return fields[static_cast<std::size_t>(field)]; }
  [[nodiscard]] const Interval& operator[](Field field) const { return fields[static_cast<std::size_t>(field)]; }
  bool operator==(const Box&) const = default;
};

/// Whether they share a packet.
[[nodiscard]] constexpr bool overlap(const Box& a, const Box& b) {
  for (std::size_t f = 0; f < kFields; ++f)
    if (a.fields[f].first > b.fields[f].last || b.fields[f].first > a.fields[f].last) return false;
  return true;
}

/// A packet, as far as it is told from others.
using Point = std::array<Value, kFields>;

[[nodiscard]] constexpr bool contains(const Box& box, const Point& point) {
  for (std::size_t f = 0; f < kFields; ++f)
    if (point[f] < box.fields[f].first || point[f] > box.fields[f].last) return false;
  return true;
}

}  // namespace vuurmuur::analyse
