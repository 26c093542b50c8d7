// SPDX-License-Identifier: GPL-2.0-or-later
// What the probe shows: the test draws the same for comparison.
#pragma once
#include <string>

#include "ui/canvas.h"

namespace vuurmuur::test {

struct ProbeState {
  std::string last = "nothing";  ///< what came in last
  int inputs = 0;
  int ticks = 0;
};

/// A frame to its very edges, with what is hard to draw: wide and combined characters, every style.
inline ui::Frame draw_probe(ui::Size size, const ProbeState& state) {
  ui::Frame frame(size);
  ui::Canvas canvas(frame);
  canvas.box("probe");
  ui::Canvas inside = canvas.inside();
  inside.put(0, 0, "size " + std::to_string(size.rows) + "x" + std::to_string(size.columns) + ".");
  inside.put(1, 0, "last " + state.last + ".");
  inside.put(2, 0, "inputs " + std::to_string(state.inputs) + ". ticks " + std::to_string(state.ticks) + ".");
  inside.put(3, 0, "zöne 日本語 e\u0301 \x1b[31m");
  for (int role = 0; role < ui::kRoles; ++role) {
    const auto style = static_cast<ui::Role>(role);
    inside.put(4, role * 2, {"abcdefghijklmnopqrstuvwxyz" + role, 1}, {style, false});
    inside.put(4, role * 2 + 1, {"ABCDEFGHIJKLMNOPQRSTUVWXYZ" + role, 1}, {style, true});
  }
  inside.set_cursor(1, 5);
  return frame;
}

}  // namespace vuurmuur::test
