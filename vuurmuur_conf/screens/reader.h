// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/screen.h"
#include "base/line_diff.h"
#include "ui/style.h"

namespace vuurmuur::screens {

struct TextLine {
  std::string text;
  ui::Role role = ui::Role::Normal;
};

/// The lines of a text; those of a diff with their roles when `is_diff`.
[[nodiscard]] std::vector<TextLine> text_lines(std::string_view text, bool is_diff = false);

/// The hunks of a file's differences as lines: its path above them, and what became of it when it is not merely
/// changed.
void add_difference(std::vector<TextLine>& lines, const std::string& path, std::string_view kind,
                    const std::vector<base::Hunk>& hunks);

/// The lines broken to so many columns.
[[nodiscard]] std::vector<TextLine> wrapped(const std::vector<TextLine>& lines, int columns);

/// The lines of diagnostics as people read them, each with its role.
[[nodiscard]] std::vector<TextLine> diagnostic_lines(std::string_view text);

/// A text that is read, with a line selected so that it can be moved through and searched.
[[nodiscard]] std::unique_ptr<app::Screen> make_reader(std::string title, std::vector<TextLine> lines);

}  // namespace vuurmuur::screens
