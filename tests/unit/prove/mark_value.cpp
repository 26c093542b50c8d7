// SPDX-License-Identifier: GPL-2.0-or-later
// Marks as functions of what they were, held against marks.
#include "prove/mark_value.h"

#include <random>

#include "support/catch.h"

using namespace vuurmuur::prove;

namespace {

std::uint32_t value(const MarkValue& mark, std::uint32_t packet, std::uint32_t connection) {
  return (packet & mark.of_packet) ^ (connection & mark.of_connection) ^ mark.flip;
}

}  // namespace

TEST_CASE("what rules make of marks is what they do with each") {
  std::mt19937 random(3);
  const auto bits = [&] { return static_cast<std::uint32_t>(random() & random()) & 0xff; };
  unsigned asked_for = 0;
  for (unsigned round = 0; round < 2000; ++round) {
    const std::uint32_t first_packet = bits() ^ bits(), first_connection = bits() ^ bits();
    std::uint32_t packet = first_packet, connection = first_connection;
    Marks marks;
    for (unsigned step = 0; step < 4; ++step) {
      const std::uint32_t clear = bits(), turned = bits(), taken = bits();
      switch (random() % 4) {
        case 0:
          packet = (packet & ~clear) ^ turned;
          marks.packet.set(clear, turned);
          break;
        case 1:
          connection = (connection & ~clear) ^ turned;
          marks.connection.set(clear, turned);
          break;
        case 2:
          connection = (connection & ~clear) ^ (packet & taken);
          marks.connection.copy(clear, marks.packet, taken);
          break;
        default:
          packet = (packet & ~clear) ^ (connection & taken);
          marks.packet.copy(clear, marks.connection, taken);
          break;
      }
    }
    REQUIRE(value(marks.packet, first_packet, first_connection) == packet);
    REQUIRE(value(marks.connection, first_packet, first_connection) == connection);
    for (unsigned question = 0; question < 8; ++question) {
      const std::uint32_t mask = bits();
      const AskedBits wanted{.value = bits() & (question == 0 ? 0xff : mask), .mask = mask};
      const AskedMarks asked = asked_of(marks.connection, wanted);
      if (asked.is_mixed) continue;
      ++asked_for;
      const bool holds = asked.may_hold && (first_packet & asked.packet.mask) == asked.packet.value &&
                         (first_connection & asked.connection.mask) == asked.connection.value;
      CHECK(holds == ((connection & wanted.mask) == wanted.value));
    }
  }
  CHECK(asked_for > 5000);
}

TEST_CASE("marks that are told alike are alike") {
  Marks none;
  CHECK(text_of(none).empty());
  Marks queue;
  queue.connection.set(0x3ffff000, 0x10007000);
  CHECK(text_of(queue) == ", connection mark 0x10007000/0x3ffff000");
  Marks turned, all;
  turned.packet.set(0x0, 0x1);
  all.packet.set(0x1, 0x1);
  CHECK(text_of(turned) != text_of(all));
  Marks restored;
  restored.packet.copy(UINT32_MAX, restored.connection, 0xff);
  CHECK(text_of(restored) == ", packet mark 0x0 with 0xff of the connection mark");
}
