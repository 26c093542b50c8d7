// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/device_names.h"

#include <algorithm>
#include <array>

namespace vuurmuur::analyse {

Interval names_of_devices(std::string_view name, bool is_beginning) {
  std::array<unsigned char, 16> first{}, last{};
  if (is_beginning) last.fill(0xff);
  for (std::size_t i = 0; i < std::min(name.size(), first.size()); ++i)
    first[i] = last[i] = static_cast<unsigned char>(name[i]);
  const auto number = [](const std::array<unsigned char, 16>& bytes) {
    Value value;
    for (std::size_t i = 0; i < 8; ++i) {
      value.high = value.high << 8 | bytes[i];
      value.low = value.low << 8 | bytes[i + 8];
    }
    return value;
  };
  return {.first = number(first), .last = number(last)};
}

std::string device_among(const Interval& numbers) {
  const Value& number = numbers.first;
  std::string name;
  for (std::size_t i = 0; i < 16; ++i) {
    const auto letter = static_cast<char>((i < 8 ? number.high : number.low) >> (56 - 8 * (i % 8)));
    if (letter == 0) break;
    name += letter;
  }
  // Behind a name stand those that go on.
  for (const std::string& one : {name, name + 'x'})
    if (const Value own = names_of_devices(one, false).first; numbers.first <= own && own <= numbers.last) return one;
  return {};
}

}  // namespace vuurmuur::analyse
