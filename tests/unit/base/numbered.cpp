// SPDX-License-Identifier: GPL-2.0-or-later
// Values that are kept once and known by number.
#include "base/numbered.h"

#include <cstdint>
#include <vector>

#include "support/catch.h"

namespace {

/// Many values share what it gives.
struct HashInto16 {
  std::uint64_t operator()(std::uint32_t value) const { return value % 16; }
};

}  // namespace

TEST_CASE("a value has one number, whatever came between") {
  vuurmuur::base::Numbered<std::uint32_t, HashInto16> numbered;
  for (std::uint32_t round = 0; round < 2; ++round)
    for (std::uint32_t i = 0; i < 1000; ++i) CHECK(numbered.number_of(7 * i) == i);
  CHECK(numbered.number_of(21) == 3);
  CHECK(numbered.number_of(21) == 3);
  CHECK(numbered.number_of(5) == 1000);
  REQUIRE(numbered.all().size() == 1001);
  for (std::uint32_t i = 0; i < 1000; ++i) CHECK(numbered[i] == 7 * i);
}
