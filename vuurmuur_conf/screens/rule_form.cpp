// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/rule_form.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "edit/lines.h"
#include "edit/object.h"
#include "screens/confirm.h"
#include "screens/names.h"
#include "screens/rule_fields.h"
#include "ui/form.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::Why;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

class RuleForm final : public app::Screen {
 public:
  RuleForm(std::uint32_t number, const std::string& text, bool is_new)
      : number_(number), before_(text), is_new_(is_new), fields_(text) {
    refresh();
    form_.focus("action");
  }

  [[nodiscard]] std::string title() const override {
    return is_new_ ? fill(tr("New rule {}"), number_) : fill(tr("Rule {}"), number_);
  }
  [[nodiscard]] bool is_typing() const override { return form_.is_typing(); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "rule.save",
                .keys = "F2 Ctrl-s",
                .label = to_translate("keep"),
                .help = to_translate("keep the rule as it is now, in the draft"),
                .needs = Needs::Writing,
                .act = call<&RuleForm::keep>},
        Binding{.id = "rule.next",
                .keys = "Tab Down",
                .label = "",
                .help = to_translate("the next field"),
                .act = call<&RuleForm::next>},
        Binding{.id = "rule.previous",
                .keys = "Shift-Tab Up",
                .label = "",
                .help = to_translate("the field before"),
                .act = call<&RuleForm::previous>},
        Binding{.id = "rule.pick",
                .keys = "Enter",
                .label = to_translate("choose"),
                .help = to_translate("choose a value for the field, or go to the next one"),
                .act = call<&RuleForm::pick>},
        Binding{.id = "rule.advanced",
                .keys = "F5",
                .label = to_translate("advanced"),
                .help = to_translate("show or hide options that are seldom wanted"),
                .act = call<&RuleForm::advanced>},
        Binding{.id = "rule.leave",
                .keys = "Esc F10 q",
                .label = to_translate("leave"),
                .help = to_translate("leave the form; asks when something was changed"),
                .act = call<&RuleForm::leave>},
    };
    return {kRows};
  }

  void update(const app::Event& event, Context& context) override {
    if (const auto* key = std::get_if<ui::Key>(&event)) {
      if (form_.take(*key)) note();
    } else if (const auto* paste = std::get_if<ui::Paste>(&event)) {
      form_.paste(paste->text);
      note();
    } else if (const auto* click = std::get_if<app::Click>(&event); click != nullptr && click->item >= 0) {
      form_.focus(form_.rows()[static_cast<std::size_t>(click->item)].id);
      if (click->is_double) pick(context);
    } else if (const auto* wheel = std::get_if<app::Wheel>(&event)) {
      form_.move(wheel->by > 0 ? 1 : -1);
    }
  }

  void next(Context&) { form_.move(1); }
  void previous(Context&) { form_.move(-1); }
  void advanced(Context&) {
    has_advanced_ = !has_advanced_;
    refresh();
  }
  void pick(Context& context);
  void keep(Context& context);
  void leave(Context& context);

  void view(const Model& model, ui::Canvas canvas) const override {
    // What is wrong is found out of the present policy: names may have come since the last key.
    ui::Form form = form_;
    form.set_problems(fields_.problems(model.workspace.policy()));
    const int below = canvas.rows() >= 18 ? 3 : 0;
    form.view(canvas.part({.row = 0, .column = 1, .rows = canvas.rows() - below, .columns = canvas.columns() - 2}));
    if (below == 0) return;
    ui::Canvas foot = canvas.rows_from(canvas.rows() - below);
    foot.rule(0);
    foot.put(1, 1, fields_.text(), Role::Dim);
  }

 private:
  void refresh() { form_.set_rows(fields_.rows(has_advanced_)); }
  void note() {
    for (const ui::FormRow& row : form_.rows()) fields_.set(row.id, row.value);
    refresh();
  }
  void set(const std::string& name, const std::string& value) {
    fields_.set(name, value);
    refresh();
    form_.set_value(name, value);
  }
  [[nodiscard]] bool is_changed() const {
    return is_new_ ? fields_.text() != RuleFields("").text() : fields_.text() != RuleFields(before_).text();
  }
  void write(Context& context);
  /// Gives the configuration a service that was chosen of those that it has not.
  void take_shipped(Context& context, const std::string& name);
  /// Whether the rule that is edited is still there; its number then.
  [[nodiscard]] bool find_again(const Model& model);

  std::uint32_t number_;
  std::string before_;
  bool is_new_;
  RuleFields fields_;
  ui::Form form_;
  bool has_advanced_ = false;
};

void RuleForm::pick(Context& context) {
  const ui::FormRow& row = form_.focused();
  const model::Policy& policy = context.model().workspace.policy();
  std::vector<Choice> choices;
  if (row.kind == ui::FormRow::Kind::Choice) {
    for (const std::string& choice : row.choices)
      choices.push_back({.value = choice, .label = choice.empty() ? tr("none") : "", .note = ""});
  } else if (row.id == "service") {
    choices = service_choices(policy);
    std::ranges::move(shipped_service_choices(policy, context.model().machine.services), std::back_inserter(choices));
  } else if (row.id == "from" || row.id == "to") {
    choices = endpoint_choices(policy, row.id == "to");
  } else if (row.id.ends_with("_int")) {
    choices = interface_choices(policy);
    choices.insert(choices.begin(), Choice{.value = "", .label = tr("none"), .note = ""});
  }
  if (choices.empty()) return form_.move(1);
  context.push(make_picker(row.label, std::move(choices), row.value,
                           [this, id = row.id](Context& context_then, const std::string& value) {
                             if (id == "service") take_shipped(context_then, value);
                             set(id, value);
                           }));
}

void RuleForm::take_shipped(Context& context, const std::string& name) {
  const Model& model = context.model();
  const auto shipped = model.machine.services.find(name);
  const auto& services = model.workspace.policy().services;
  if (shipped == model.machine.services.end() ||
      std::ranges::any_of(services, [&](const auto& service) { return *service.name == name; }))
    return;
  const edit::Object object{edit::Kind::Service, name};
  context.edit(fill(tr("service {} is taken from the shipped ones"), name),
               [&](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
                 if (draft.find(edit::path_of(object)) == nullptr)
                   draft.put(edit::path_of(object), edit::file_type(object.kind), shipped->second);
                 return {};
               });
}

bool RuleForm::find_again(const Model& model) {
  const auto& rules = model.workspace.now().rules;
  const auto is_it = [&](std::size_t number) {
    return number >= 1 && number <= rules.size() && rules[number - 1].text == before_;
  };
  // The nearest of equals: others may have put lines before it, or taken some away.
  for (std::size_t away = 0; away < rules.size() + number_; ++away) {
    for (const std::size_t number : {number_ + away, number_ - std::min<std::size_t>(away, number_)}) {
      if (!is_it(number)) continue;
      number_ = static_cast<std::uint32_t>(number);
      return true;
    }
  }
  return false;
}

void RuleForm::write(Context& context) {
  // The files may have been read again while the form was open.
  if (is_new_) {
    number_ = std::min(number_, static_cast<std::uint32_t>(context.model().workspace.now().rules.size() + 1));
  } else if (!find_again(context.model())) {
    return context.fail(tr("somebody else changed this rule meanwhile: leave the form and look at it"));
  }
  const std::string text = fields_.text();
  const std::string what = is_new_ ? fill(tr("rule {} is new"), number_) : fill(tr("rule {} is changed"), number_);
  const bool is_written = context.edit(what, [&](edit::Draft& draft, const base::FileSystem&) {
    const edit::Object rules{edit::Kind::Rules, "rules"};
    config::Document& document = draft.at(edit::path_of(rules), edit::file_type(rules.kind));
    return is_new_ ? edit::insert_line(document, number_, text) : edit::replace_line(document, number_, text);
  });
  if (is_written) context.pop();
}

void RuleForm::keep(Context& context) {
  if (!is_changed() && !is_new_) return context.pop();
  const auto problems = fields_.problems(context.model().workspace.policy());
  std::vector<std::string> errors;
  for (const ui::FormProblem& problem : problems)
    if (problem.is_error) errors.push_back(problem.id + ": " + problem.text);
  if (errors.empty()) return write(context);
  context.push(
      make_confirm(tr("The rule has errors and cannot be applied like this. Keep it in the draft all the same?"),
                   std::move(errors), [this](Context& then) { write(then); }));
}

void RuleForm::leave(Context& context) {
  if (!is_changed()) return context.pop();
  context.push(make_confirm(tr("Leave without keeping what was changed?"), {}, [](Context& then) { then.pop(); }));
}

}  // namespace

std::unique_ptr<app::Screen> make_rule_form(std::uint32_t number, const std::string& text, bool is_new) {
  return std::make_unique<RuleForm>(number, text, is_new);
}

}  // namespace vuurmuur::screens
