// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/multi_picker.h"

#include <algorithm>
#include <array>
#include <set>

#include "screens/window.h"
#include "ui/field.h"
#include "ui/list.h"
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

class MultiPicker final : public app::Screen {
 public:
  MultiPicker(std::string title, std::vector<Choice> choices, const std::vector<std::string>& chosen,
              std::function<void(Context&, const std::vector<std::string>&)> on_choices)
      : title_(std::move(title)),
        choices_(std::move(choices)),
        chosen_(chosen.begin(), chosen.end()),
        on_choices_(std::move(on_choices)) {
    // A name that nothing has can be left here too.
    std::vector<Choice> strange;
    for (const std::string& name : chosen)
      if (std::ranges::find(choices_, name, &Choice::value) == choices_.end())
        strange.push_back({.value = name, .label = "", .note = tr("there is no such thing")});
    choices_.insert(choices_.begin(), strange.begin(), strange.end());
    find();
  }

  [[nodiscard]] std::string title() const override { return title_; }
  [[nodiscard]] bool is_overlay() const override { return true; }
  [[nodiscard]] bool is_typing() const override { return true; }

  void accept(Context& context) {
    std::vector<std::string> chosen;
    for (const Choice& choice : choices_)
      if (chosen_.contains(choice.value)) chosen.push_back(choice.value);
    context.pop();
    on_choices_(context, chosen);
  }
  void up(Context&) { move(-1); }
  void down(Context&) { move(1); }
  void page_up(Context&) { move(-list_.page()); }
  void page_down(Context&) { move(list_.page()); }
  void toggle(Context&) { toggle_selected(); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "multi.accept",
                .keys = "Enter",
                .label = to_translate("take these"),
                .help = to_translate("take all that are marked"),
                .act = call<&MultiPicker::accept>},
        Binding{.id = "multi.toggle",
                .keys = "Space Ins",
                .label = to_translate("mark"),
                .help = to_translate("mark the selected one, or take its mark away"),
                .act = call<&MultiPicker::toggle>},
        Binding{.id = "multi.up",
                .keys = "Up Ctrl-p",
                .label = "",
                .help = to_translate("the one before"),
                .act = call<&MultiPicker::up>},
        Binding{.id = "multi.down",
                .keys = "Down Ctrl-n",
                .label = "",
                .help = to_translate("the next one"),
                .act = call<&MultiPicker::down>},
        Binding{.id = "multi.page-up",
                .keys = "PgUp",
                .label = "",
                .help = to_translate("a page back"),
                .act = call<&MultiPicker::page_up>},
        Binding{.id = "multi.page-down",
                .keys = "PgDn",
                .label = "",
                .help = to_translate("a page on"),
                .act = call<&MultiPicker::page_down>},
    };
    return {kRows};
  }

  void update(const app::Event& event, Context&) override {
    if (const auto* key = std::get_if<ui::Key>(&event)) {
      // Names have no blanks, so that one is free to mark.
      if (*key == ui::Key::of(U' ')) return toggle_selected();
      if (field_.take(*key)) find();
    } else if (const auto* paste = std::get_if<ui::Paste>(&event)) {
      field_.insert(paste->text);
      find();
    } else if (const auto* wheel = std::get_if<app::Wheel>(&event)) {
      move(wheel->by);
    } else if (const auto* click = std::get_if<app::Click>(&event); click != nullptr && click->item >= 0) {
      list_.select(click->item, static_cast<int>(found_.size()));
      toggle_selected();
    }
  }

  void view(const app::Model&, ui::Canvas canvas) const override {
    int labels = 10, notes = 0;
    for (const Choice& choice : choices_) {
      labels = std::max(labels, ui::columns_of(choice.value));
      notes = std::max(notes, ui::columns_of(choice.note));
    }
    const int columns = std::clamp(std::max(labels + notes + 8, ui::columns_of(title_) + 2), 30, canvas.columns() - 8);
    labels = std::min(labels, columns - 4);
    const int rows = std::clamp(static_cast<int>(choices_.size()) + 2, 5, canvas.rows() - 2);
    ui::Canvas inside = window(canvas, {.rows = rows, .columns = columns}, title_);
    inside.rows_from(1, 1).rule(0);
    list_.view(inside.rows_from(2), static_cast<int>(found_.size()), [&](ui::Canvas row, int item) {
      const Choice& choice = choices_[found_[static_cast<std::size_t>(item)]];
      row.put(0, 0, chosen_.contains(choice.value) ? "[x]" : "[ ]");
      row.put_cut(0, 4, labels, choice.value);
      row.put(0, labels + 6, choice.note, Role::Dim);
    });
    field_.view(inside.rows_from(0, 1), true);
  }

 private:
  void move(int by) { list_.move(by, static_cast<int>(found_.size())); }

  void toggle_selected() {
    if (found_.empty()) return;
    const std::string& value = choices_[found_[static_cast<std::size_t>(list_.selected())]].value;
    if (!chosen_.insert(value).second) chosen_.erase(value);
    move(1);
  }

  void find() {
    found_.clear();
    for (std::size_t i = 0; i < choices_.size(); ++i)
      if (match(field_.text(), choices_[i].value) || match(field_.text(), choices_[i].note)) found_.push_back(i);
    list_.select(0, static_cast<int>(found_.size()));
  }

  std::string title_;
  std::vector<Choice> choices_;
  std::set<std::string> chosen_;
  std::function<void(Context&, const std::vector<std::string>&)> on_choices_;
  ui::Field field_;
  std::vector<std::size_t> found_;
  ui::List list_;
};

}  // namespace

std::unique_ptr<app::Screen> make_multi_picker(
    std::string title, std::vector<Choice> choices, std::vector<std::string> chosen,
    std::function<void(app::Context&, const std::vector<std::string>&)> on_choices) {
  return std::make_unique<MultiPicker>(std::move(title), std::move(choices), chosen, std::move(on_choices));
}

}  // namespace vuurmuur::screens
