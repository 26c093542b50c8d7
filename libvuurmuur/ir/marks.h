// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <bit>
#include <cstdint>
#include <optional>

namespace vuurmuur::ir {

/// What the field in a connection's mark says of it.
enum class MarkKind : std::uint8_t {
  Plain = 0,   ///< not marked: accepted, or nothing decided yet
  Queued = 1,  ///< number is the (first) NFQUEUE queue
  Logged = 2,  ///< number is the NFLOG group
  Marked = 3,  ///< accepted with a packet mark; number is packet_mark_number() of it
};

struct MarkField {
  MarkKind kind = MarkKind::Plain;
  std::uint16_t number = 0;
  bool operator==(const MarkField&) const = default;
};

/// The part of the connection mark that is Vuurmuur's: one contiguous run of bits, the two highest the kind, the
/// others the number. The default 0x3ffff000 makes connmark 0x1QQQQ000 read as queue QQQQ. All other bits belong to
/// others: every match and every write is masked.
class MarkLayout {
 public:
  static constexpr std::uint32_t kDefaultMask = 0x3ffff000;

  /// A layout for a mask; nothing when it is not contiguous or has fewer than 3 bits.
  [[nodiscard]] static constexpr std::optional<MarkLayout> create(std::uint32_t mask) {
    if (mask == 0) return std::nullopt;
    const auto shift = static_cast<unsigned>(std::countr_zero(mask));
    const auto width = static_cast<unsigned>(std::popcount(mask));
    if (width < 3) return std::nullopt;
    if (static_cast<unsigned>(std::countl_zero(mask)) + shift + width != 32) return std::nullopt;
    return MarkLayout(mask, shift, width);
  }

  constexpr MarkLayout() : MarkLayout(*create(kDefaultMask)) {}

  [[nodiscard]] constexpr std::uint32_t mask() const { return mask_; }
  /// The two bits of the kind.
  [[nodiscard]] constexpr std::uint32_t kind_mask() const { return 3u << kind_shift(); }
  /// The bits of the number.
  [[nodiscard]] constexpr std::uint32_t number_mask() const { return mask_ & ~kind_mask(); }
  [[nodiscard]] constexpr unsigned number_shift() const { return shift_; }
  /// How many bits the number has: 16 or fewer are used.
  [[nodiscard]] constexpr unsigned number_bits() const { return width_ - 2 < 16 ? width_ - 2 : 16; }
  [[nodiscard]] constexpr bool fits(std::uint16_t number) const { return number >> number_bits() == 0; }

  /// The bits for a field; number must fit.
  [[nodiscard]] constexpr std::uint32_t encode(MarkField field) const {
    return static_cast<std::uint32_t>(field.kind) << kind_shift() | static_cast<std::uint32_t>(field.number) << shift_;
  }
  /// The bits of a kind alone.
  [[nodiscard]] constexpr std::uint32_t encode(MarkKind kind) const { return encode({kind, 0}); }
  /// What a connection's mark says.
  [[nodiscard]] constexpr MarkField decode(std::uint32_t connmark) const {
    return {static_cast<MarkKind>((connmark & kind_mask()) >> kind_shift()),
            static_cast<std::uint16_t>((connmark & number_mask()) >> shift_)};
  }
  bool operator==(const MarkLayout&) const = default;

 private:
  constexpr MarkLayout(std::uint32_t mask, unsigned shift, unsigned width)
      : mask_(mask), shift_(shift), width_(width) {}
  [[nodiscard]] constexpr unsigned kind_shift() const { return shift_ + width_ - 2; }

  std::uint32_t mask_;
  unsigned shift_, width_;
};

/// The number under which a packet mark (value and mask of nfmark) is remembered in a connection: the value itself when
/// both fit in 16 bits, else folded to 16 bits. It depends on nothing but the mark, so it stays right across reloads;
/// two marks of one policy with the same number are an error of the policy.
[[nodiscard]] constexpr std::uint16_t packet_mark_number(std::uint32_t value, std::uint32_t mask) {
  if (mask == 0xffffffff && value <= 0xffff) return static_cast<std::uint16_t>(value);
  const std::uint32_t folded = value ^ (~mask * 0x9e3779b1u);
  return static_cast<std::uint16_t>(folded ^ folded >> 16);
}

static_assert(MarkLayout{}.encode({MarkKind::Queued, 0x1234}) == 0x11234000);
static_assert(MarkLayout{}.encode({MarkKind::Logged, 0xffff}) == 0x2ffff000);
static_assert(MarkLayout{}.decode(0x3000a7ff) == MarkField{MarkKind::Marked, 10});
static_assert(MarkLayout{}.number_mask() == 0x0ffff000 && MarkLayout{}.kind_mask() == 0x30000000);
static_assert(!MarkLayout::create(0x30f00000) && !MarkLayout::create(0) && !MarkLayout::create(3));

}  // namespace vuurmuur::ir
