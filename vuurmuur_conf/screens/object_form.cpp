// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/object_form.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/strings.h"
#include "edit/objects.h"
#include "screens/confirm.h"
#include "screens/multi_picker.h"
#include "screens/names.h"
#include "screens/object_fields.h"
#include "screens/object_lines.h"
#include "screens/object_problems.h"
#include "screens/picker.h"
#include "screens/ports_screen.h"
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
using config::FileType;
using ui::fill;
using ui::to_translate;
using ui::tr;

constexpr const char* kSettingsFile = "config.conf";

class ObjectForm final : public app::Screen {
 public:
  /// Nothing: the settings.
  explicit ObjectForm(std::optional<edit::Object> object) : object_(std::move(object)) {}

  [[nodiscard]] std::string title() const override { return object_ ? edit::text_of(*object_) : tr("Settings"); }
  [[nodiscard]] bool is_typing() const override { return form_.is_typing(); }

  void opened(Context& context) override {
    fields_.emplace(type(), document(context.model()));
    refresh();
    for (const char* row : {"DEVICE", "NETWORK.0", "IPADDRESS.0", "MEMBER", "COMMENT"})
      if (std::ranges::find(form_.rows(), row, &ui::FormRow::id) != form_.rows().end()) return form_.focus(row);
  }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;

  void update(const app::Event& event, Context& context) override {
    if (const auto* key = std::get_if<ui::Key>(&event)) {
      if (form_.take(*key)) note();
    } else if (const auto* paste = std::get_if<ui::Paste>(&event)) {
      take_paste(paste->text);
    } else if (const auto* click = std::get_if<app::Click>(&event); click != nullptr && click->item >= 0) {
      form_.focus(form_.rows()[static_cast<std::size_t>(click->item)].id);
      if (click->is_double) pick(context);
    } else if (const auto* wheel = std::get_if<app::Wheel>(&event)) {
      form_.move(wheel->by > 0 ? 1 : -1);
    }
  }

  void next(Context&) { form_.move(1); }
  void previous(Context&) { form_.move(-1); }
  void page_down(Context&) { form_.move(kPage); }
  void page_up(Context&) { form_.move(-kPage); }
  void advanced(Context&) {
    has_advanced_ = !has_advanced_;
    refresh();
  }
  [[nodiscard]] Why why_no_advanced(const Model&) const {
    return fields_ && fields_->has_advanced() ? std::nullopt : Why(tr("this form shows all that there is"));
  }
  void ports(Context& context) { context.push(make_ports(object_->name)); }
  [[nodiscard]] Why why_no_ports(const Model&) const {
    return type() == FileType::Service ? std::nullopt : Why(tr("only services have ports"));
  }
  void pick(Context& context);
  void keep(Context& context);
  void leave(Context& context) {
    if (!fields_ || !fields_->is_changed()) return context.pop();
    context.push(make_confirm(tr("Leave without keeping what was changed?"), {}, [](Context& then) { then.pop(); }));
  }

  void view(const Model& model, ui::Canvas canvas) const override {
    ui::Form form = form_;
    form.set_problems(problems(model));
    const int below = type() == FileType::Service && canvas.rows() >= 12 ? 3 : 0;
    form.view(canvas.part({.row = 0, .column = 1, .rows = canvas.rows() - below, .columns = canvas.columns() - 2}));
    if (below != 0) draw_ports(canvas.rows_from(canvas.rows() - below), model);
  }

 private:
  static constexpr int kPage = 8;

  [[nodiscard]] FileType type() const { return object_ ? edit::file_type(object_->kind) : FileType::Settings; }
  [[nodiscard]] std::string path() const { return object_ ? edit::path_of(*object_) : kSettingsFile; }

  /// As it is in the draft; empty when somebody deleted it.
  [[nodiscard]] config::Document document(const Model& model) const {
    const auto& documents = model.workspace.tree().documents;
    const auto found = documents.find(path());
    return found == documents.end() ? config::Document({}, config::key_case(type())) : found->second;
  }

  void refresh() { form_.set_rows(fields_->rows(has_advanced_)); }
  void note() {
    fields_->set(form_.focused().id, form_.focused().value);
    refresh();
  }
  void set(const std::string& row, const std::string& value) {
    fields_->set(row, value);
    refresh();
    form_.set_value(row, value);
  }

  [[nodiscard]] const std::vector<ui::FormProblem>& problems(const Model& model) const;
  void draw_ports(ui::Canvas canvas, const Model& model) const;
  void pick_names(const ui::FormRow& row, Context& context);
  void pick_device(const ui::FormRow& row, Context& context);
  /// Lines that are pasted into a list become values of it.
  void take_paste(const std::string& text);
  void write(Context& context);

  std::optional<edit::Object> object_;
  std::optional<ObjectFields> fields_;  ///< from opened() on
  ui::Form form_;
  bool has_advanced_ = false;
  // What is wrong follows from what is typed and from the draft around it.
  mutable std::shared_ptr<const app::Reading> checked_in_;
  mutable std::string checked_;
  mutable std::vector<ui::FormProblem> problems_;
};

std::vector<std::span<const Binding>> ObjectForm::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "form.keep",
              .keys = "F2 Ctrl-s",
              .label = to_translate("keep"),
              .help = to_translate("keep what the form says, in the draft"),
              .needs = Needs::Writing,
              .act = call<&ObjectForm::keep>},
      Binding{.id = "form.next",
              .keys = "Tab Down",
              .label = "",
              .help = to_translate("the next field"),
              .act = call<&ObjectForm::next>},
      Binding{.id = "form.previous",
              .keys = "Shift-Tab Up",
              .label = "",
              .help = to_translate("the field before"),
              .act = call<&ObjectForm::previous>},
      Binding{.id = "form.page-down",
              .keys = "PgDn",
              .label = "",
              .help = to_translate("some fields on"),
              .act = call<&ObjectForm::page_down>},
      Binding{.id = "form.page-up",
              .keys = "PgUp",
              .label = "",
              .help = to_translate("some fields back"),
              .act = call<&ObjectForm::page_up>},
      Binding{.id = "form.pick",
              .keys = "Enter",
              .label = to_translate("choose"),
              .help = to_translate("choose a value for the field, or go to the next one"),
              .act = call<&ObjectForm::pick>},
      Binding{.id = "form.leave",
              .keys = "Esc F10 q",
              .label = to_translate("leave"),
              .help = to_translate("leave the form; asks when something was changed"),
              .act = call<&ObjectForm::leave>},
  };
  static constexpr std::array kPorts{
      Binding{.id = "form.ports",
              .keys = "F6",
              .label = to_translate("ports"),
              .help = to_translate("the ports of the service"),
              .act = call<&ObjectForm::ports>,
              .why_not = ask<&ObjectForm::why_no_ports>},
  };
  static constexpr std::array kAdvanced{
      Binding{.id = "form.advanced",
              .keys = "F5",
              .label = to_translate("advanced"),
              .help = to_translate("show or hide what is seldom wanted"),
              .act = call<&ObjectForm::advanced>,
              .why_not = ask<&ObjectForm::why_no_advanced>},
  };
  if (type() == FileType::Service) return {kRows, kPorts};
  if (type() == FileType::Host) return {kRows, kAdvanced};
  return {kRows};
}

const std::vector<ui::FormProblem>& ObjectForm::problems(const Model& model) const {
  if (!fields_) return problems_;
  config::Document changed = document(model);
  fields_->write(changed);
  std::string text = changed.to_text();
  if (checked_in_ == model.workspace.shared() && checked_ == text) return problems_;
  checked_in_ = model.workspace.shared();
  checked_ = std::move(text);
  // Read anew: places are those of the text as it would be written.
  problems_ = problems_of(*fields_, object_ ? object_->name : "", config::Document(checked_, config::key_case(type())),
                          model.workspace.policy());
  return problems_;
}

void ObjectForm::draw_ports(ui::Canvas canvas, const Model& model) const {
  canvas.rule(0);
  for (const model::Service& service : model.workspace.policy().services)
    if (*service.name == object_->name)
      canvas.put(1, 1,
                 service.port_sets.empty() ? std::string(tr("no ports yet: F6 adds some"))
                                           : fill(tr("ports: {}"), ports_of(service)),
                 ui::Role::Dim);
}

void ObjectForm::pick_names(const ui::FormRow& row, Context& context) {
  const model::Policy& policy = context.model().workspace.policy();
  std::vector<Choice> choices;
  if (row.id == "INTERFACE") {
    choices = interface_choices(policy);
  } else {
    for (const model::Host& host : policy.hosts)
      if (host.network + "." + host.zone == edit::parent_of(object_->name))
        choices.push_back({.value = *host.name, .label = "", .note = addresses_of(host)});
  }
  std::vector<std::string> chosen;
  for (const std::string_view name : base::split(row.value, ' '))
    if (!name.empty()) chosen.emplace_back(name);
  context.push(make_multi_picker(
      row.label, std::move(choices), std::move(chosen),
      [this, id = row.id](Context&, const std::vector<std::string>& names) { set(id, base::join(names, " ")); }));
}

void ObjectForm::pick_device(const ui::FormRow& row, Context& context) {
  std::vector<Choice> choices;
  for (const app::Device& device : context.model().machine.devices) {
    std::string note = device.is_up ? "" : tr("down");
    for (const net::Address& address : device.addresses) note += (note.empty() ? "" : ", ") + address.to_string();
    choices.push_back({.value = device.name, .label = "", .note = note});
  }
  if (choices.empty()) return context.say(tr("no devices of this machine are known: type the name of one"));
  context.push(make_picker(row.label, std::move(choices), row.value,
                           [this](Context&, const std::string& value) { set("DEVICE", value); }));
}

void ObjectForm::take_paste(const std::string& text) {
  const std::string id = form_.focused().id;
  const std::size_t dot = id.find('.');
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(text, '\n'))
    if (!base::trim(line).empty()) lines.emplace_back(base::trim(line));
  if (dot == std::string::npos || lines.size() < 2) {
    form_.paste(text);
    return note();
  }
  const auto first = base::parse_number<std::size_t>(std::string_view(id).substr(dot + 1)).value_or(0);
  for (std::size_t i = 0; i < lines.size(); ++i)
    fields_->set(id.substr(0, dot + 1) + std::to_string(first + i), lines[i]);
  refresh();
}

void ObjectForm::pick(Context& context) {
  const ui::FormRow& row = form_.focused();
  if (row.id == "DEVICE") return pick_device(row, context);
  if (row.kind != ui::FormRow::Kind::Choice) return row.has_picker ? pick_names(row, context) : form_.move(1);
  std::vector<Choice> choices;
  for (const std::string& choice : row.choices)
    choices.push_back({.value = choice, .label = choice.empty() ? tr("none") : "", .note = ""});
  context.push(make_picker(row.label, std::move(choices), row.value,
                           [this, id = row.id](Context&, const std::string& value) { set(id, value); }));
}

void ObjectForm::write(Context& context) {
  const std::string what =
      object_ ? fill(tr("{} is changed"), edit::text_of(*object_)) : std::string(tr("the settings are changed"));
  const bool is_written = context.edit(what, [this](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
    if (!object_) {
      fields_->write(draft.at(kSettingsFile, FileType::Settings));
      return {};
    }
    const auto there = edit::open_object(draft, *object_);
    if (!there) return std::unexpected(there.error());
    fields_->write(**there);
    return {};
  });
  if (is_written) context.pop();
}

void ObjectForm::keep(Context& context) {
  if (!fields_->is_changed()) return context.pop();
  std::vector<std::string> errors;
  for (const ui::FormProblem& problem : problems(context.model()))
    if (problem.is_error) errors.push_back(problem.text);
  if (errors.empty()) return write(context);
  context.push(make_confirm(tr("What is written has errors and cannot be applied like this. Keep it in the draft all "
                               "the same?"),
                            std::move(errors), [this](Context& then) { write(then); }));
}

}  // namespace

std::unique_ptr<app::Screen> make_object_form(edit::Object object) {
  return std::make_unique<ObjectForm>(std::move(object));
}

std::unique_ptr<app::Screen> make_settings() { return std::make_unique<ObjectForm>(std::nullopt); }

}  // namespace vuurmuur::screens
