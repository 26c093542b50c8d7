// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/prompt.h"

#include <algorithm>
#include <array>

#include "screens/window.h"
#include "ui/field.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::Context;
using ui::Role;
using ui::to_translate;
using ui::tr;

class Prompt final : public app::Screen {
 public:
  explicit Prompt(PromptWishes wishes) : wishes_(std::move(wishes)), field_(wishes_.text) {}

  [[nodiscard]] std::string title() const override { return tr("Input"); }
  [[nodiscard]] bool is_overlay() const override { return true; }
  [[nodiscard]] bool is_typing() const override { return true; }

  void accept(Context& context) {
    if (!problem().empty()) return;
    context.pop();
    wishes_.on_text(context, field_.text());
  }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{Binding{.id = "prompt.accept",
                                              .keys = "Enter",
                                              .label = to_translate("accept"),
                                              .help = to_translate("take the text"),
                                              .act = app::call<&Prompt::accept>}};
    return {kRows};
  }

  void update(const app::Event& event, Context&) override {
    if (const auto* key = std::get_if<ui::Key>(&event)) field_.take(*key);
    if (const auto* paste = std::get_if<ui::Paste>(&event)) field_.insert(paste->text);
  }

  void view(const app::Model&, ui::Canvas canvas) const override {
    const int most = canvas.columns() - 8;
    int columns = std::max(72, ui::columns_of(wishes_.question));
    std::vector<std::string> lines;
    for (const std::string& line : wishes_.lines)
      for (std::string& part : ui::wrap(line, most)) lines.push_back(std::move(part));
    for (const std::string& line : lines) columns = std::max(columns, ui::columns_of(line));
    columns = std::min(columns, most);
    const int above = lines.empty() ? 0 : static_cast<int>(lines.size()) + 1;
    // Two lines are for what is wrong.
    const int rows = std::min(above + 4, canvas.rows() - 2);
    ui::Canvas inside = window(canvas, {.rows = rows, .columns = columns}, title());
    for (int row = 0; row < std::min(rows - 5, static_cast<int>(lines.size())); ++row)
      inside.put(row, 0, lines[static_cast<std::size_t>(row)]);
    inside.put(rows - 4, 0, wishes_.question, Role::Heading);
    field_.view(inside.rows_from(rows - 3, 1), true);
    int row = rows - 2;
    for (const std::string& line : ui::wrap(problem(), columns)) inside.put(row++, 0, line, Role::Error);
  }

 private:
  [[nodiscard]] std::string problem() const { return wishes_.check ? wishes_.check(field_.text()) : ""; }

  PromptWishes wishes_;
  ui::Field field_;
};

}  // namespace

std::unique_ptr<app::Screen> make_prompt(PromptWishes wishes) { return std::make_unique<Prompt>(std::move(wishes)); }

}  // namespace vuurmuur::screens
