// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/box_pile.h"

namespace vuurmuur::analyse {

void BoxPile::add(const Box& box) {
  Numbers& numbers = boxes_.emplace_back();
  for (std::size_t f = 0; f < kFields; ++f) numbers[f] = intervals_[f].number_of(box.fields[f]);
}

}  // namespace vuurmuur::analyse
