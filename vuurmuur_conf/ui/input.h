// SPDX-License-Identifier: GPL-2.0-or-later
// What comes from the terminal.
#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "ui/geometry.h"
#include "ui/key.h"

namespace vuurmuur::ui {

struct Mouse {
  enum class What : std::uint8_t { Press, DoublePress, WheelUp, WheelDown };
  What what = What::Press;
  Place place;
  bool operator==(const Mouse&) const = default;
};

/// A text that was pasted, as a whole: it triggers no bindings.
struct Paste {
  std::string text;
  bool operator==(const Paste&) const = default;
};

struct Resize {
  Size size;
  bool operator==(const Resize&) const = default;
};

using Input = std::variant<Key, Mouse, Paste, Resize>;

}  // namespace vuurmuur::ui
