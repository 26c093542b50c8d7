// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/editing.h"

#include "screens/conflict_screen.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Context;
using ui::tr;

class Editing final : public app::Screen {
 public:
  Editing(std::string path, std::uint32_t line) : path_(std::move(path)), line_(line) {}

  [[nodiscard]] std::string title() const override { return tr("Editor"); }
  [[nodiscard]] bool is_overlay() const override { return true; }
  [[nodiscard]] std::vector<std::span<const app::Binding>> bindings() const override { return {}; }
  void opened(Context& context) override { context.effect(app::RunEditor{.path = path_, .line = line_}); }

  void update(const app::Event& event, Context& context) override {
    if (!std::holds_alternative<app::EditorEnded>(event)) return;
    context.close(*this);
    // Without a draft the model reads the files by itself.
    if (context.model().workspace.change_count() > 0) context.push(make_conflict());
  }

  void view(const app::Model&, ui::Canvas) const override {}

 private:
  std::string path_;
  std::uint32_t line_;
};

}  // namespace

std::unique_ptr<app::Screen> make_editing(std::string path, std::uint32_t line) {
  return std::make_unique<Editing>(std::move(path), line);
}

}  // namespace vuurmuur::screens
