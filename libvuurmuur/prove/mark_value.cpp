// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/mark_value.h"

#include <fmt/format.h>

namespace vuurmuur::prove {
namespace {

std::string with_mask(std::uint32_t value, std::uint32_t mask) {
  return mask == UINT32_MAX ? fmt::format("{:#x}", value) : fmt::format("{:#x}/{:#x}", value, mask);
}

/// `kept`: its own bits where nothing changed them. `other`: those that it has of the other mark.
std::string change_text(const char* name, std::uint32_t kept, std::uint32_t other, const char* other_name,
                        std::uint32_t flip) {
  if (kept == UINT32_MAX && other == 0 && flip == 0) return {};
  std::string text = fmt::format(", {} {}", name, with_mask(flip, ~kept | flip));
  // Bits that are turned and not set; a mask says that they are set.
  if ((kept & flip) != 0) text += fmt::format(" (turns {:#x})", kept & flip);
  if (other != 0) text += fmt::format(" with {:#x} of the {}", other, other_name);
  return text;
}

}  // namespace

void MarkValue::set(std::uint32_t clear, std::uint32_t turned) {
  of_packet &= ~clear;
  of_connection &= ~clear;
  flip = (flip & ~clear) ^ turned;
}

void MarkValue::copy(std::uint32_t clear, const MarkValue& other, std::uint32_t bits) {
  of_packet = (of_packet & ~clear) ^ (other.of_packet & bits);
  of_connection = (of_connection & ~clear) ^ (other.of_connection & bits);
  flip = (flip & ~clear) ^ (other.flip & bits);
}

AskedMarks asked_of(const MarkValue& now, const AskedBits& question) {
  AskedMarks asked;
  const std::uint32_t mask = question.mask, set = ~now.of_packet & ~now.of_connection & mask;
  asked.is_mixed = (now.of_packet & now.of_connection & mask) != 0;
  asked.may_hold = (question.value & ~mask) == 0 && (now.flip & set) == (question.value & set);
  const std::uint32_t wanted = question.value ^ now.flip;
  asked.packet = {.value = wanted & now.of_packet & mask, .mask = now.of_packet & mask};
  asked.connection = {.value = wanted & now.of_connection & mask, .mask = now.of_connection & mask};
  return asked;
}

std::string text_of(const Marks& marks) {
  return change_text("connection mark", marks.connection.of_connection, marks.connection.of_packet, "packet mark",
                     marks.connection.flip) +
         change_text("packet mark", marks.packet.of_packet, marks.packet.of_connection, "connection mark",
                     marks.packet.flip);
}

}  // namespace vuurmuur::prove
