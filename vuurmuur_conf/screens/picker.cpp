// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/picker.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "base/strings.h"
#include "screens/window.h"
#include "ui/field.h"
#include "ui/list.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::Context;
using ui::Role;
using ui::to_translate;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80) != 0;
}

class Picker final : public app::Screen {
 public:
  Picker(std::string title, std::vector<Choice> choices, const std::string& at,
         std::function<void(Context&, const std::string&)> on_choice)
      : title_(std::move(title)), choices_(std::move(choices)), on_choice_(std::move(on_choice)) {
    find();
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (choices_[found_[i]].value == at) list_.select(static_cast<int>(i), static_cast<int>(found_.size()));
  }

  [[nodiscard]] std::string title() const override { return title_; }
  [[nodiscard]] bool is_overlay() const override { return true; }
  [[nodiscard]] bool is_typing() const override { return true; }

  void accept(Context& context) {
    if (found_.empty()) return;
    context.pop();
    on_choice_(context, choices_[found_[static_cast<std::size_t>(list_.selected())]].value);
  }
  void up(Context&) { move(-1); }
  void down(Context&) { move(1); }
  void page_up(Context&) { move(-list_.page()); }
  void page_down(Context&) { move(list_.page()); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "picker.accept",
                .keys = "Enter",
                .label = to_translate("choose"),
                .help = to_translate("take the selected one"),
                .act = app::call<&Picker::accept>},
        Binding{.id = "picker.up",
                .keys = "Up Ctrl-p",
                .label = "",
                .help = to_translate("the one before"),
                .act = app::call<&Picker::up>},
        Binding{.id = "picker.down",
                .keys = "Down Ctrl-n",
                .label = "",
                .help = to_translate("the next one"),
                .act = app::call<&Picker::down>},
        Binding{.id = "picker.page-up",
                .keys = "PgUp",
                .label = "",
                .help = to_translate("a page back"),
                .act = app::call<&Picker::page_up>},
        Binding{.id = "picker.page-down",
                .keys = "PgDn",
                .label = "",
                .help = to_translate("a page on"),
                .act = app::call<&Picker::page_down>},
    };
    return {kRows};
  }

  void update(const app::Event& event, Context& context) override {
    if (const auto* key = std::get_if<ui::Key>(&event)) {
      if (field_.take(*key)) find();
    } else if (const auto* paste = std::get_if<ui::Paste>(&event)) {
      field_.insert(paste->text);
      find();
    } else if (const auto* wheel = std::get_if<app::Wheel>(&event)) {
      move(wheel->by);
    } else if (const auto* click = std::get_if<app::Click>(&event); click != nullptr && click->item >= 0) {
      list_.select(click->item, static_cast<int>(found_.size()));
      if (click->is_double) accept(context);
    }
  }

  void view(const app::Model&, ui::Canvas canvas) const override {
    int labels = 10, notes = 0;
    for (const Choice& choice : choices_) {
      labels = std::max(labels, ui::columns_of(label_of(choice)));
      notes = std::max(notes, ui::columns_of(choice.note));
    }
    const int columns = std::clamp(std::max(labels + notes + 4, ui::columns_of(title_) + 2), 30, canvas.columns() - 8);
    labels = std::min(labels, columns);
    const int rows = std::clamp(static_cast<int>(choices_.size()) + 2, 5, canvas.rows() - 2);
    ui::Canvas inside = window(canvas, {.rows = rows, .columns = columns}, title_);
    inside.rows_from(1, 1).rule(0);
    list_.view(inside.rows_from(2), static_cast<int>(found_.size()), [&](ui::Canvas row, int item) {
      const Choice& choice = choices_[found_[static_cast<std::size_t>(item)]];
      row.put_cut(0, 0, labels, label_of(choice));
      row.put(0, labels + 2, choice.note, Role::Dim);
    });
    // Last, for its cursor is the one that counts.
    field_.view(inside.rows_from(0, 1), true);
  }

 private:
  [[nodiscard]] static const std::string& label_of(const Choice& choice) {
    return choice.label.empty() ? choice.value : choice.label;
  }
  void move(int by) { list_.move(by, static_cast<int>(found_.size())); }

  void find() {
    std::vector<std::pair<int, std::size_t>> matches;
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      auto quality = match(field_.text(), label_of(choices_[i]));
      // Its note finds it too, behind those that are called so.
      if (!quality)
        if (const auto by_note = match(field_.text(), choices_[i].note)) quality = *by_note - 1000;
      if (!quality)
        if (const auto by_other = match(field_.text(), choices_[i].also)) quality = *by_other - 1000;
      if (quality) matches.emplace_back(*quality, i);
    }
    std::ranges::stable_sort(matches, std::greater(), &std::pair<int, std::size_t>::first);
    found_.clear();
    for (const auto& [quality, index] : matches) found_.push_back(index);
    list_.select(0, static_cast<int>(found_.size()));
  }

  std::string title_;
  std::vector<Choice> choices_;
  std::function<void(Context&, const std::string&)> on_choice_;
  ui::Field field_;
  std::vector<std::size_t> found_;
  ui::List list_;
};

}  // namespace

std::optional<int> match(std::string_view pattern, std::string_view text) {
  const std::string wanted = base::to_lower(pattern), there = base::to_lower(text);
  int quality = 0;
  std::size_t at = 0;
  for (const char c : wanted) {
    const std::size_t found = there.find(c, at);
    if (found == std::string::npos) return std::nullopt;
    const bool begins_word = found == 0 || !is_word(there[found - 1]);
    quality += (found == at && at != 0 ? 5 : 0) + (begins_word ? 4 : 0);
    at = found + 1;
  }
  if (there == wanted) return quality + 200;
  if (const std::size_t whole = there.find(wanted); whole != std::string::npos && !wanted.empty())
    quality += whole == 0 ? 100 : 50;
  // Of equals the shorter: more of it was typed.
  return wanted.empty() ? 0 : quality - static_cast<int>(std::min<std::size_t>(there.size(), 40)) / 4;
}

std::unique_ptr<app::Screen> make_picker(std::string title, std::vector<Choice> choices, std::string at,
                                         std::function<void(Context&, const std::string&)> on_choice) {
  return std::make_unique<Picker>(std::move(title), std::move(choices), at, std::move(on_choice));
}

}  // namespace vuurmuur::screens
