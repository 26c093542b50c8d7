// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/generation_screen.h"

#include <algorithm>
#include <array>

#include "screens/list_screen.h"
#include "screens/numbers.h"
#include "screens/reader.h"
#include "screens/when.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

class GenerationScreen final : public ListScreen {
 public:
  explicit GenerationScreen(const ipc::Json& shown) {
    if (const auto generation = shown.find("generation"); generation != shown.end() && generation->is_object())
      generation_ = app::generation_from(*generation);
    if (const auto files = shown.find("files"); files != shown.end() && files->is_object())
      for (const auto& [path, text] : files->items())
        if (text.is_string()) files_.emplace_back(path, text.get<std::string>());
  }

  [[nodiscard]] std::string title() const override { return fill(tr("Generation {}"), generation_.number); }
  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{Binding{.id = "generation.read",
                                              .keys = "Enter",
                                              .label = to_translate("read"),
                                              .help = to_translate("read the file"),
                                              .act = call<&GenerationScreen::read>,
                                              .why_not = ask<&GenerationScreen::why_none>}};
    return {kRows, navigation()};
  }

  void read(Context& context) {
    const auto& [path, text] = files_[static_cast<std::size_t>(selected())];
    context.push(make_reader(path, text_lines(text)));
  }
  [[nodiscard]] app::Why why_none(const Model&) const {
    return files_.empty() ? app::Why(tr("there is no file here")) : std::nullopt;
  }

  void view(const Model&, ui::Canvas canvas) const override {
    canvas.put(0, 1,
               fill(tr("{} · {} · {}"), state_name(generation_.state), generation_.backend, generation_.directory),
               Role::Heading);
    canvas.put(1, 1, generation_.comment);
    // Its events, as many as leave the files half of the room.
    int row = 2;
    const auto& events = generation_.events;
    const std::size_t room = static_cast<std::size_t>(std::max(1, canvas.rows() / 2 - 3));
    for (std::size_t i = events.size() > room ? events.size() - room : 0; i < events.size(); ++i) {
      const app::EventEntry& event = events[i];
      int column = canvas.put(row, 1, date_time(event.time), Role::Dim) + 2;
      canvas.put(row, column, state_name(event.what));
      column += 13;
      column = canvas.put(row, column, who_of(event), Role::Dim) + 2;
      canvas.put(row++, column, event.detail, Role::Dim);
    }
    canvas.rows_from(row++, 1).rule(0);
    list().view(canvas.rows_from(row), static_cast<int>(files_.size()), [this](ui::Canvas line, int item) {
      const auto& [path, text] = files_[static_cast<std::size_t>(item)];
      const std::string size = fill(tr("{} B"), short_number(static_cast<double>(text.size())));
      line.put_cut(0, 1, line.columns() - 12, path);
      line.put_right(0, line.columns() - 1, size, Role::Dim);
    });
  }

 private:
  [[nodiscard]] int count(const Model&) const override { return static_cast<int>(files_.size()); }
  void open(Context& context) override {
    if (!files_.empty()) read(context);
  }

  app::Generation generation_;
  std::vector<std::pair<std::string, std::string>> files_;
};

}  // namespace

std::unique_ptr<app::Screen> make_generation(const ipc::Json& shown) {
  return std::make_unique<GenerationScreen>(shown);
}

}  // namespace vuurmuur::screens
