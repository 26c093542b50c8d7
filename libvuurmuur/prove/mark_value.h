// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace vuurmuur::prove {

/// A mark at some place of a packet's way, bit by bit: what both marks were where the way began, and what rules made of
/// that. (packet & of_packet) ^ (connection & of_connection) ^ flip.
struct MarkValue {
  std::uint32_t of_packet = 0, of_connection = 0, flip = 0;

  /// mark = (mark & ~clear) ^ turned, as MARK and CONNMARK --set-xmark do.
  void set(std::uint32_t clear, std::uint32_t turned);
  /// mark = (mark & ~clear) ^ (other & bits), as CONNMARK --save-mark and --restore-mark do.
  void copy(std::uint32_t clear, const MarkValue& other, std::uint32_t bits);
  bool operator==(const MarkValue&) const = default;
};

/// Both marks; to begin with what they were.
struct Marks {
  MarkValue packet{.of_packet = UINT32_MAX, .of_connection = 0, .flip = 0};
  MarkValue connection{.of_packet = 0, .of_connection = UINT32_MAX, .flip = 0};
  bool operator==(const Marks&) const = default;
};

/// (mark & mask) == value.
struct AskedBits {
  std::uint32_t value = 0, mask = 0;
};

/// What a question about a mark asks of both marks as they were where the way began.
struct AskedMarks {
  bool may_hold = true;  ///< false: it does not, whatever they were
  AskedBits packet, connection;
  bool is_mixed = false;  ///< it asks for bits that both have a part in: nothing is said of it
};
[[nodiscard]] AskedMarks asked_of(const MarkValue& now, const AskedBits& question);

/// ", connection mark 0x10007000/0x3ffff000, packet mark 0x4": what of the marks is another than it was; empty when
/// nothing is.
[[nodiscard]] std::string text_of(const Marks& marks);

}  // namespace vuurmuur::prove
