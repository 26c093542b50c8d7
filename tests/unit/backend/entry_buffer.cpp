// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/entry_buffer.h"

#include <algorithm>

#include "support/catch.h"

using vuurmuur::backend::EntryBlock;
using vuurmuur::backend::EntryBuffer;

namespace {

void write(EntryBuffer& buffer, std::size_t size, int value) {
  std::fill_n(buffer.extend(size), size, static_cast<std::byte>(value));
}

bool is_all(std::span<const std::byte> bytes, int value) {
  return std::ranges::all_of(bytes, [&](std::byte byte) { return byte == static_cast<std::byte>(value); });
}

}  // namespace

TEST_CASE("blocks that were expected stand in one memory, at the distance that was asked for") {
  EntryBuffer buffer(100, 16);
  write(buffer, 8, 1);
  const EntryBlock first = buffer.take(24);
  write(buffer, 16, 2);
  const EntryBlock second = buffer.take(24);
  CHECK(first.room.size() == 116);
  CHECK(first.bytes.data() == first.room.data() + 16);
  CHECK(second.bytes.data() == first.bytes.data() + 8 + 24);
  CHECK(is_all(first.bytes, 1));
  CHECK(is_all({first.bytes.data() + 8, 24}, 0));
  CHECK(is_all(second.bytes, 2));
}

TEST_CASE("more than was expected stands elsewhere, whole, and what was taken stays") {
  EntryBuffer buffer(32, 0);
  write(buffer, 24, 1);
  const EntryBlock first = buffer.take(8);
  write(buffer, 16, 2);
  write(buffer, 10000, 2);
  CHECK(buffer.size() == 10016);
  const EntryBlock second = buffer.take();
  CHECK(first.owner != second.owner);
  CHECK(is_all(first.bytes, 1));
  CHECK(second.bytes.size() == 10016);
  CHECK(is_all(second.bytes, 2));
}

TEST_CASE("bytes are zero when they come, also where others were forgotten") {
  EntryBuffer buffer;
  write(buffer, 64, 7);
  buffer.clear();
  CHECK(buffer.size() == 0);
  const std::byte* const bytes = buffer.extend(64);
  CHECK(is_all({bytes, 64}, 0));
}
