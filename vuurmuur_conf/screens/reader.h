// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/screen.h"
#include "ui/style.h"

namespace vuurmuur::screens {

struct TextLine {
  std::string text;
  ui::Role role = ui::Role::Normal;
};

/// The lines of a text; those of a diff with their roles when `is_diff`.
[[nodiscard]] std::vector<TextLine> text_lines(std::string_view text, bool is_diff = false);

/// A text that is read, with a line selected so that it can be moved through and searched.
[[nodiscard]] std::unique_ptr<app::Screen> make_reader(std::string title, std::vector<TextLine> lines);

}  // namespace vuurmuur::screens
