// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/confirm.h"

#include <algorithm>
#include <array>

#include "screens/window.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::call;
using app::Context;
using ui::Role;
using ui::to_translate;
using ui::tr;

class Confirm final : public app::Screen {
 public:
  Confirm(std::string question, std::vector<std::string> lines, std::function<void(Context&)> on_yes)
      : question_(std::move(question)), lines_(std::move(lines)), on_yes_(std::move(on_yes)) {}

  [[nodiscard]] std::string title() const override { return tr("Question"); }
  [[nodiscard]] bool is_overlay() const override { return true; }

  void yes(Context& context) {
    context.pop();
    on_yes_(context);
  }
  void no(Context& context) { context.pop(); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "confirm.yes",
                .keys = "y",
                .label = to_translate("yes"),
                .help = to_translate("do it"),
                .act = call<&Confirm::yes>},
        Binding{.id = "confirm.no",
                .keys = "n",
                .label = to_translate("no"),
                .help = to_translate("do not do it"),
                .act = call<&Confirm::no>},
    };
    return {kRows};
  }

  void view(const app::Model&, ui::Canvas canvas) const override {
    const int room = std::min(canvas.columns() - 8, 100);
    const std::vector<std::string> question = ui::wrap(question_, room);
    std::vector<std::string> lines;
    for (const std::string& line : lines_)
      for (std::string& part : ui::wrap(line, room)) lines.push_back(std::move(part));
    int columns = 20;
    for (const std::string& line : question) columns = std::max(columns, ui::columns_of(line));
    for (const std::string& line : lines) columns = std::max(columns, ui::columns_of(line));
    const int gap = lines.empty() ? 0 : 1;
    const int rows = static_cast<int>(question.size() + lines.size()) + gap;
    ui::Canvas inside = window(canvas, {.rows = rows, .columns = columns}, title());
    int row = 0;
    for (const std::string& line : question) inside.put(row++, 0, line, Role::Heading);
    row += gap;
    for (const std::string& line : lines) inside.put(row++, 0, line);
    inside.set_cursor(0, 0);
  }

 private:
  std::string question_;
  std::vector<std::string> lines_;
  std::function<void(Context&)> on_yes_;
};

}  // namespace

std::unique_ptr<app::Screen> make_confirm(std::string question, std::vector<std::string> lines,
                                          std::function<void(Context&)> on_yes) {
  return std::make_unique<Confirm>(std::move(question), std::move(lines), std::move(on_yes));
}

}  // namespace vuurmuur::screens
