// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/saving.h"

#include <array>

#include "base/strings.h"
#include "diag/render.h"
#include "screens/conflict_screen.h"
#include "screens/reader.h"
#include "screens/window.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::call;
using app::Context;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

class Saving final : public app::Screen {
 public:
  explicit Saving(std::function<void(Context&)> on_saved) : on_saved_(std::move(on_saved)) {}

  [[nodiscard]] std::string title() const override { return tr("Saving"); }
  [[nodiscard]] bool is_overlay() const override { return true; }

  void opened(Context& context) override {
    const app::Workspace& workspace = context.model().workspace;
    steps_ = workspace.change_count();
    context.effect(app::Save{.changes = workspace.changes(), .what = base::join(workspace.steps(), "; ")});
  }

  /// What is being written is waited for: whoever left would not know what became of it.
  void wait(Context& context) { context.say(tr("the files are being written")); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{Binding{.id = "saving.wait",
                                              .keys = "Esc F10 q",
                                              .label = "",
                                              .help = to_translate("wait for what is being written"),
                                              .act = call<&Saving::wait>}};
    return {kRows};
  }

  void update(const app::Event& event, Context& context) override {
    const auto* saved = std::get_if<app::Saved>(&event);
    if (saved == nullptr) return;
    context.close(*this);
    const base::Result<edit::Outcome>& outcome = *saved->outcome;
    if (!outcome) return context.fail(fill(tr("not saved: {}"), outcome.error().message));
    if (!outcome->conflicts.empty()) return context.push(make_conflict());
    if (outcome->verdict.is_refused()) return show_refusal(outcome->verdict, context);
    context.say(fill(ui::tr_count("saved: {} change", "saved: {} changes", steps_), steps_), Role::Good);
    if (on_saved_) on_saved_(context);
  }

  void view(const app::Model&, ui::Canvas canvas) const override {
    const std::string text = tr("The draft is written to the disk…");
    ui::Canvas inside = window(canvas, {.rows = 1, .columns = ui::columns_of(text)}, title());
    inside.put(0, 0, text);
    inside.set_cursor(0, 0);
  }

 private:
  static void show_refusal(const edit::Verdict& verdict, Context& context) {
    std::vector<TextLine> lines{
        {.text = tr("Not saved: the configuration would have errors that it has not now."), .role = Role::Error},
        {.text = ""}};
    const std::string text = diag::render(verdict.found, verdict.sources, diag::Style::Plain);
    for (TextLine& line : diagnostic_lines(text)) lines.push_back(std::move(line));
    context.push(make_reader(tr("Not saved"), std::move(lines)));
  }

  std::function<void(Context&)> on_saved_;
  int steps_ = 0;
};

}  // namespace

std::unique_ptr<app::Screen> make_saving(std::function<void(app::Context&)> on_saved) {
  return std::make_unique<Saving>(std::move(on_saved));
}

}  // namespace vuurmuur::screens
