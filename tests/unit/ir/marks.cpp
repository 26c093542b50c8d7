// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/marks.h"

#include "support/catch.h"

using namespace vuurmuur::ir;

TEST_CASE("a field of the connection mark is read back as it was written, with others' bits around it") {
  for (const std::uint32_t mask : {0x3ffff000u, 0xffffc000u, 0x0003ffffu, 0xff000000u, 0x00000007u}) {
    const auto layout = MarkLayout::create(mask);
    REQUIRE(layout);
    for (unsigned kind = 0; kind < 4; ++kind) {
      for (std::uint32_t number = 0; number < 1u << layout->number_bits(); number += number < 300 ? 1 : 977) {
        const MarkField field{static_cast<MarkKind>(kind), static_cast<std::uint16_t>(number)};
        const std::uint32_t bits = layout->encode(field);
        REQUIRE((bits & ~mask) == 0);
        REQUIRE(layout->decode(bits | ~mask) == field);
      }
    }
  }
}

TEST_CASE("masks that are no field are refused") {
  for (const std::uint32_t mask : {0u, 1u, 3u, 0x30f00000u, 0x80000001u, 0xaaaaaaaau})
    CHECK_FALSE(MarkLayout::create(mask));
  CHECK(MarkLayout::create(0xffffffff));
}

TEST_CASE("numbers fit when the field has the bits for them") {
  const auto small = *MarkLayout::create(0xff000000);
  CHECK(small.number_bits() == 6);
  CHECK(small.fits(63));
  CHECK_FALSE(small.fits(64));
  CHECK(MarkLayout{}.fits(65535));
}

TEST_CASE("a packet mark of 16 bits is its own number") {
  CHECK(packet_mark_number(7, 0xffffffff) == 7);
  CHECK(packet_mark_number(0xffff, 0xffffffff) == 0xffff);
  CHECK(packet_mark_number(0x50000, 0xffffffff) == 5);
  CHECK(packet_mark_number(5, 0xff) != packet_mark_number(5, 0xffffffff));
}
