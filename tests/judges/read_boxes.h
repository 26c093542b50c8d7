// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "analyse/box.h"
#include "certificate.h"

// Boxes of the analysis, which are what its answers are about, as the judges read them: as numbers and nothing else.
namespace vuurmuur::judges {

static_assert(kDimensions == analyse::kFields);

[[nodiscard]] inline Number number_of(const analyse::Value& value) { return Number{value.high} << 64 | value.low; }

[[nodiscard]] inline Box read(const analyse::Box& box) {
  Box result;
  for (std::size_t d = 0; d < kDimensions; ++d)
    result[d] = {number_of(box.fields[d].first), number_of(box.fields[d].last)};
  return result;
}

[[nodiscard]] inline Point read(const analyse::Point& point) {
  Point result;
  for (std::size_t d = 0; d < kDimensions; ++d) result[d] = number_of(point[d]);
  return result;
}

[[nodiscard]] inline Range& at(Box& box, analyse::Field field) { return box[static_cast<std::size_t>(field)]; }

/// ICMP has no types and codes above 255, but their fields are those of ports.
[[nodiscard]] inline std::vector<Box> impossible(const Box& world) {
  std::vector<Box> boxes;
  for (const Number protocol : {1, 58})
    for (const analyse::Field field : {analyse::Field::SourcePort, analyse::Field::DestinationPort}) {
      boxes.push_back(world);
      at(boxes.back(), analyse::Field::Protocol) = {protocol, protocol};
      at(boxes.back(), field).first = 256;
    }
  return boxes;
}

}  // namespace vuurmuur::judges
