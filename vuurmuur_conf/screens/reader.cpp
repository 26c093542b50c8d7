// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/reader.h"

#include "base/strings.h"
#include "screens/list_screen.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using ui::Role;
using ui::tr;

Role role_of_diff(std::string_view line) {
  if (line.starts_with("+++") || line.starts_with("---") || line.starts_with("@@")) return Role::Heading;
  if (line.starts_with('+')) return Role::Added;
  if (line.starts_with('-')) return Role::Removed;
  return Role::Normal;
}

class Reader final : public ListScreen {
 public:
  Reader(std::string title, std::vector<TextLine> lines) : title_(std::move(title)), lines_(std::move(lines)) {}

  [[nodiscard]] std::string title() const override { return title_; }
  [[nodiscard]] std::vector<std::span<const app::Binding>> bindings() const override { return {navigation()}; }

  void view(const app::Model&, ui::Canvas canvas) const override {
    list().view(canvas, static_cast<int>(lines_.size()), [this](ui::Canvas row, int item) {
      const TextLine& line = lines_[static_cast<std::size_t>(item)];
      row.put(0, 1, line.text, line.role);
    });
  }

 private:
  [[nodiscard]] int count(const app::Model&) const override { return static_cast<int>(lines_.size()); }

  std::string title_;
  std::vector<TextLine> lines_;
};

}  // namespace

std::vector<TextLine> text_lines(std::string_view text, bool is_diff) {
  std::vector<TextLine> lines;
  for (const std::string_view line : base::split(text, '\n'))
    lines.push_back({.text = std::string(line), .role = is_diff ? role_of_diff(line) : Role::Normal});
  if (!lines.empty() && lines.back().text.empty()) lines.pop_back();
  return lines;
}

void add_difference(std::vector<TextLine>& lines, const std::string& path, std::string_view kind,
                    const std::vector<base::Hunk>& hunks) {
  const char* became = kind == "added" ? tr("  (new)") : kind == "removed" ? tr("  (gone)") : "";
  lines.push_back({.text = path + became, .role = Role::Heading});
  for (const base::Hunk& hunk : hunks) {
    lines.push_back({.text = base::header_of(hunk), .role = Role::Border});
    for (const std::string& line : hunk.lines)
      lines.push_back({.text = line,
                       .role = line.starts_with('+')   ? Role::Added
                               : line.starts_with('-') ? Role::Removed
                                                       : Role::Dim});
  }
}

std::vector<TextLine> wrapped(const std::vector<TextLine>& lines, int columns) {
  std::vector<TextLine> broken;
  for (const TextLine& line : lines)
    for (std::string& part : ui::wrap(line.text, columns))
      broken.push_back({.text = std::move(part), .role = line.role});
  return broken;
}

std::vector<TextLine> diagnostic_lines(std::string_view text) {
  std::vector<TextLine> lines = text_lines(text);
  for (TextLine& line : lines) {
    if (line.text.find(": error: ") != std::string::npos) line.role = Role::Error;
    if (line.text.find(": warning: ") != std::string::npos) line.role = Role::Warning;
    if (line.text.starts_with("  ")) line.role = Role::Dim;
  }
  return lines;
}

std::unique_ptr<app::Screen> make_reader(std::string title, std::vector<TextLine> lines) {
  return std::make_unique<Reader>(std::move(title), std::move(lines));
}

}  // namespace vuurmuur::screens
