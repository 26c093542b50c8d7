// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/diagnostics_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "diag/render.h"
#include "edit/object.h"
#include "screens/conflict_screen.h"
#include "screens/editing.h"
#include "screens/list_screen.h"
#include "screens/object_form.h"
#include "screens/reader.h"
#include "screens/rule_form.h"
#include "screens/users.h"
#include "ui/columns.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Why;
using diag::Diagnostic;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

bool is_error(const Diagnostic& problem) { return problem.severity == diag::Severity::Error; }

std::string text_of(const Diagnostic& problem) {
  return problem.message + (problem.suggestion ? fill(tr("; did you mean '{}'?"), *problem.suggestion) : "");
}

/// A place whose end, the line, is worth more than its beginning.
std::string cut_front(std::string_view text, int columns) {
  if (ui::columns_of(text) <= columns) return std::string(text);
  std::size_t begin = 0;
  while (begin < text.size() && ui::columns_of(text.substr(begin)) >= columns) begin = ui::after(text, begin);
  return "…" + std::string(text.substr(begin));
}

/// Where the object of a file is edited; null for what no screen edits.
std::unique_ptr<app::Screen> screen_of_file(const std::string& path) {
  if (path == "config.conf") return make_settings();
  const auto object = object_of_path(path);
  if (!object || object->kind == edit::Kind::Rules) return nullptr;
  if (object->kind == edit::Kind::Blocklist) return make_screen_of(*object);
  if (edit::fault_of_name(*object) || edit::path_of(*object) != path) return nullptr;
  return make_object_form(*object);
}

class Diagnostics final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("Problems"); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "problems.open",
                .keys = "Enter e",
                .label = to_translate("go there"),
                .help = to_translate("open what is at fault: the rule, the object, or else the file in your editor"),
                .act = call<&Diagnostics::go_there>,
                .why_not = ask<&Diagnostics::why_no_place>},
        Binding{.id = "problems.editor",
                .keys = "E",
                .label = to_translate("editor"),
                .help = to_translate("open the file at the line in your editor ($EDITOR)"),
                .act = call<&Diagnostics::open_editor>,
                .why_not = ask<&Diagnostics::why_no_place>},
        Binding{.id = "problems.read",
                .keys = "F5",
                .label = to_translate("read again"),
                .help = to_translate("read the files of the configuration again"),
                .act = call<&Diagnostics::read>},
    };
    return {kRows, navigation()};
  }

  void go_there(Context& context);
  void open_editor(Context& context) {
    if (const auto place = place_of(context.model())) context.push(make_editing(place->first, place->second.line));
  }
  void read(Context& context) { context.push(make_conflict()); }
  [[nodiscard]] Why why_no_place(const Model& model) const {
    if (count(model) == 0) return tr("there is no problem here");
    return place_of(model) ? std::nullopt : Why(tr("it is not about a line of a file"));
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  [[nodiscard]] int count(const Model& model) const override {
    return static_cast<int>(model.workspace.now().problems.all().size());
  }
  void open(Context& context) override {
    if (!why_no_place(context.model())) go_there(context);
  }

  /// By file and place, those without one first; found anew when the draft is another.
  [[nodiscard]] const std::vector<const Diagnostic*>& problems(const Model& model) const;
  [[nodiscard]] const Diagnostic* current(const Model& model) const {
    const auto& all = problems(model);
    return all.empty() ? nullptr
                       : all[static_cast<std::size_t>(std::min(selected(), static_cast<int>(all.size()) - 1))];
  }
  /// File and place of the selected problem.
  [[nodiscard]] std::optional<std::pair<std::string, diag::Position>> place_of(const Model& model) const {
    const Diagnostic* problem = current(model);
    if (problem == nullptr || !problem->span) return std::nullopt;
    const diag::SourceFile& file = model.workspace.tree().sources.file(problem->span->file);
    return std::pair(file.path(), file.position(problem->span->begin));
  }

  mutable std::vector<const Diagnostic*> problems_;
  mutable std::shared_ptr<const app::Reading> problems_of_;
};

const std::vector<const Diagnostic*>& Diagnostics::problems(const Model& model) const {
  if (problems_of_ == model.workspace.shared()) return problems_;
  problems_of_ = model.workspace.shared();
  problems_.clear();
  for (const Diagnostic& problem : problems_of_->problems.all()) problems_.push_back(&problem);
  const diag::SourceMap& sources = problems_of_->tree->sources;
  std::ranges::stable_sort(problems_, std::less(), [&sources](const Diagnostic* problem) {
    return problem->span
               ? std::tuple(true, std::string_view(sources.file(problem->span->file).path()), problem->span->begin)
               : std::tuple(false, std::string_view(), std::uint32_t{0});
  });
  return problems_;
}

void Diagnostics::go_there(Context& context) {
  const Model& model = context.model();
  const Diagnostic* problem = current(model);
  const auto& rules = model.workspace.now().rules;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (std::ranges::find(rules[i].problems, problem) == rules[i].problems.end()) continue;
    return context.push(make_rule_form(static_cast<std::uint32_t>(i + 1), rules[i].text, /*is_new=*/false));
  }
  if (auto screen = screen_of_file(place_of(model)->first)) return context.push(std::move(screen));
  open_editor(context);
}

void Diagnostics::view(const Model& model, ui::Canvas canvas) const {
  const auto& all = problems(model);
  const diag::Sink& sink = model.workspace.now().problems;
  if (all.empty()) {
    canvas.put_centred(canvas.rows() / 2, tr("✓ Nothing is wrong with the configuration."), Role::Good);
    return;
  }
  const auto errors = static_cast<long>(sink.error_count()), warnings = static_cast<long>(sink.warning_count());
  int column = 1;
  if (errors > 0)
    column = canvas.put(0, column, fill(ui::tr_count("! {} error", "! {} errors", errors), errors), Role::Error) + 2;
  if (warnings > 0)
    canvas.put(0, column, fill(ui::tr_count("~ {} warning", "~ {} warnings", warnings), warnings), Role::Warning);
  // The problem as the command line tells it, with its line.
  const Diagnostic* problem = current(model);
  const std::vector<TextLine> details =
      wrapped(diagnostic_lines(diag::render(*problem, model.workspace.tree().sources, diag::Style::Plain)),
              canvas.columns() - 2);
  const int room = std::min({static_cast<int>(details.size()), canvas.rows() / 2, 8});
  const diag::SourceMap& sources = model.workspace.tree().sources;
  int places = 8;
  for (const Diagnostic* one : all)
    if (one->span) places = std::max(places, ui::columns_of(sources.place(*one->span)));
  places = std::min(places, canvas.columns() / 3);
  list().view(canvas.rows_from(1, canvas.rows() - room - 2), static_cast<int>(all.size()),
              [&](ui::Canvas row, int item) {
                const Diagnostic& one = *all[static_cast<std::size_t>(item)];
                row.put(0, 1, is_error(one) ? "!" : "~", is_error(one) ? Role::Error : Role::Warning);
                if (one.span) row.put(0, 3, cut_front(sources.place(*one.span), places), Role::Dim);
                row.put(0, places + 5, text_of(one), is_error(one) ? Role::Error : Role::Warning);
              });
  ui::Canvas foot = canvas.rows_from(canvas.rows() - room - 1);
  foot.rule(0);
  for (int row = 0; row < room; ++row) {
    const TextLine& line = details[static_cast<std::size_t>(row)];
    foot.put(row + 1, 1, line.text, line.role == Role::Dim ? Role::Normal : line.role);
  }
}

}  // namespace

std::unique_ptr<app::Screen> make_diagnostics() { return std::make_unique<Diagnostics>(); }

bool needs_attention(const app::Model& model) { return model.workspace.now().problems.has_errors(); }

}  // namespace vuurmuur::screens
