// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/object_screen.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "edit/objects.h"
#include "edit/references.h"
#include "screens/object_form.h"
#include "screens/picker.h"
#include "screens/prompt.h"
#include "screens/users.h"
#include "screens/word_filter.h"
#include "ui/translate.h"

namespace vuurmuur::screens {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::Why;
using edit::Object;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

namespace {

/// "new host in local.lan".
std::string question_for(const Object& in) {
  switch (in.kind) {
    case edit::Kind::Zone: return tr("Name of the new zone");
    case edit::Kind::Network: return fill(tr("Name of the new network in {}"), in.name);
    case edit::Kind::Host: return fill(tr("Name of the new host in {}"), in.name);
    case edit::Kind::Group: return fill(tr("Name of the new group in {}"), in.name);
    case edit::Kind::Service: return tr("Name of the new service");
    case edit::Kind::Interface: return tr("Name of the new interface");
    case edit::Kind::Rules:
    case edit::Kind::Blocklist: break;
  }
  return "";
}

Object inside(const Object& in, const std::string& name) {
  return {in.kind, in.name.empty() ? name : name + "." + in.name};
}

/// What is wrong with a name that is typed for a new object, or for one that had another.
std::string fault_of_new(const config::Tree& tree, const Object& object) {
  const std::string name = edit::first_part(object.name);
  if (name.empty()) return "";
  if (auto fault = edit::fault_of_name(object)) return *fault;
  return tree.documents.contains(edit::path_of(object)) ? fill(tr("there is a {} already"), edit::text_of(object)) : "";
}

}  // namespace

std::span<const Binding> ObjectScreen::object_actions() {
  static constexpr std::array kRows{
      Binding{.id = "object.edit",
              .keys = "e",
              .label = to_translate("edit"),
              .help = to_translate("edit the object in a form"),
              .act = call<&ObjectScreen::edit>,
              .why_not = ask<&ObjectScreen::why_no_object>},
      Binding{.id = "object.toggle",
              .keys = "Space",
              .label = to_translate("on/off"),
              .help = to_translate("make the object active or inactive"),
              .needs = Needs::Writing,
              .act = call<&ObjectScreen::toggle>,
              .why_not = ask<&ObjectScreen::why_no_object>},
      Binding{.id = "object.add",
              .keys = "i Ins",
              .label = to_translate("new"),
              .help = to_translate("a new object here"),
              .needs = Needs::Writing,
              .act = call<&ObjectScreen::add>},
      Binding{.id = "object.delete",
              .keys = "d Del",
              .label = to_translate("delete"),
              .help = to_translate("delete the object, when nothing uses it"),
              .needs = Needs::Writing,
              .act = call<&ObjectScreen::remove>,
              .why_not = ask<&ObjectScreen::why_no_object>},
      Binding{.id = "object.rename",
              .keys = "r",
              .label = to_translate("rename"),
              .help = to_translate("rename the object, also where rules and others name it"),
              .needs = Needs::Writing,
              .act = call<&ObjectScreen::rename>,
              .why_not = ask<&ObjectScreen::why_no_object>},
      Binding{.id = "object.users",
              .keys = "w U",
              .label = to_translate("who uses it"),
              .help = to_translate("the rules and objects that use it; Enter goes there"),
              .act = call<&ObjectScreen::show_users>,
              .why_not = ask<&ObjectScreen::why_no_object>},
      Binding{.id = "object.filter",
              .keys = "/ f",
              .label = to_translate("filter"),
              .help = to_translate("show only those that have some words"),
              .act = call<&ObjectScreen::ask_filter>},
      Binding{.id = "object.clear-filter",
              .keys = "\\",
              .label = "",
              .help = to_translate("show all again"),
              .act = call<&ObjectScreen::clear_filter>,
              .why_not = ask<&ObjectScreen::why_no_clear>},
  };
  return kRows;
}

void ObjectScreen::find(const Model& model) const {
  if (found_in_ == model.workspace.shared()) return;
  const int at = selected();
  const Object before =
      found_.empty() ? Object{}
                     : found_[static_cast<std::size_t>(std::min<int>(at, static_cast<int>(found_.size()) - 1))].object;
  found_ = lines(model);
  std::erase_if(found_, [this](const ObjectLine& line) {
    return !has_words(edit::first_part(line.object.name) + " " + line.value + " " + line.comment, filter_);
  });
  found_in_ = model.workspace.shared();
  problems_.look_at(found_in_);
  const auto again = std::ranges::find(found_, before, &ObjectLine::object);
  follow(again == found_.end() ? at : static_cast<int>(again - found_.begin()), static_cast<int>(found_.size()));
}

int ObjectScreen::count(const Model& model) const {
  find(model);
  return static_cast<int>(found_.size());
}

const ObjectLine* ObjectScreen::current(const Model& model) const {
  const int there = count(model);
  return there == 0 ? nullptr : &found_[static_cast<std::size_t>(std::min(selected(), there - 1))];
}

void ObjectScreen::turn_to(const std::optional<Object>& object, Context& context) {
  filter_.clear();
  found_.clear();
  found_in_.reset();
  find(context.model());
  select(0, context);
  if (object) go_to(*object, context);
}

void ObjectScreen::go_to(const Object& object, Context& context) {
  find(context.model());
  auto there = std::ranges::find(found_, object, &ObjectLine::object);
  if (there == found_.end() && !filter_.empty()) {
    filter_.clear();
    found_in_.reset();
    find(context.model());
    there = std::ranges::find(found_, object, &ObjectLine::object);
  }
  if (there != found_.end()) select(static_cast<int>(there - found_.begin()), context);
}

void ObjectScreen::edit(Context& context) {
  if (const ObjectLine* line = current(context.model())) context.push(make_object_form(line->object));
}

void ObjectScreen::add(Context& context) {
  const std::vector<Object> kinds = can_make();
  if (kinds.size() == 1) return ask_name(kinds.front(), context);
  std::vector<Choice> choices;
  for (const Object& kind : kinds)
    choices.push_back({.value = std::string(edit::word_of(kind.kind)), .label = "", .note = kind.name});
  context.push(make_picker(tr("New"), std::move(choices), "", [this, kinds](Context& then, const std::string& word) {
    for (const Object& kind : kinds)
      if (edit::word_of(kind.kind) == word) ask_name(kind, then);
  }));
}

void ObjectScreen::ask_name(Object in, Context& context) {
  context.push(make_prompt(
      {.question = question_for(in),
       .check = [in, &workspace = context.model().workspace](
                    const std::string& text) { return fault_of_new(workspace.tree(), inside(in, text)); },
       .on_text =
           [this, in](Context& then, const std::string& text) {
             if (text.empty()) return;
             const Object object = inside(in, text);
             if (!then.edit(fill(tr("{} is new"), edit::text_of(object)),
                            [&object](edit::Draft& draft, const base::FileSystem&) -> edit::Wish<void> {
                              if (auto made = edit::create_object(draft, object); !made) return made;
                              const std::array<std::string, 1> yes{"Yes"};
                              return edit::modify_object(draft, object, "ACTIVE", yes, edit::How::Overwrite);
                            }))
               return;
             go_to(object, then);
             then.push(make_object_form(object));
           }}));
}

void ObjectScreen::remove(Context& context) {
  const Object object = current(context.model())->object;
  context.edit(
      fill(tr("{} is deleted; u undoes it"), edit::text_of(object)),
      [&object](edit::Draft& draft, const base::FileSystem& files) { return remove_object(draft, files, object); });
}

void ObjectScreen::rename(Context& context) {
  const Object object = current(context.model())->object;
  const Object in{object.kind, edit::parent_of(object.name)};
  context.push(make_prompt({.question = fill(tr("New name of {}"), edit::text_of(object)),
                            .text = edit::first_part(object.name),
                            .check =
                                [in, object, &workspace = context.model().workspace](const std::string& text) {
                                  const Object to = inside(in, text);
                                  return to == object ? std::string() : fault_of_new(workspace.tree(), to);
                                },
                            .on_text =
                                [this, in, object](Context& then, const std::string& text) {
                                  const Object to = inside(in, text);
                                  if (text.empty() || to == object) return;
                                  if (then.edit(fill(tr("{} is '{}' now"), edit::text_of(object), to.name),
                                                [&](edit::Draft& draft, const base::FileSystem& files) {
                                                  return rename_object(draft, files, object, to.name);
                                                }))
                                    go_to(to, then);
                                }}));
}

void ObjectScreen::toggle(Context& context) {
  const ObjectLine line = *current(context.model());
  const std::string what = edit::text_of(line.object);
  context.edit(fill(line.is_active ? tr("{} is off") : tr("{} is on"), what),
               [&line](edit::Draft& draft, const base::FileSystem&) {
                 const std::array<std::string, 1> value{line.is_active ? "No" : "Yes"};
                 return edit::modify_object(draft, line.object, "ACTIVE", value, edit::How::Overwrite);
               });
}

void ObjectScreen::show_users(Context& context) {
  const Object object = current(context.model())->object;
  if (auto window = make_users(context.model(), object)) return context.push(std::move(window));
  context.say(fill(tr("nothing uses {}"), edit::text_of(object)));
}

void ObjectScreen::ask_filter(Context& context) {
  context.push(make_prompt({.question = tr("Show those that have these words (!word: that do not)"),
                            .text = filter_,
                            .on_text = [this](Context& then, const std::string& text) {
                              filter_ = std::string(base::trim(text));
                              found_in_.reset();
                              find(then.model());
                            }}));
}

void ObjectScreen::clear_filter(Context& context) {
  filter_.clear();
  found_in_.reset();
  find(context.model());
}

Why ObjectScreen::why_no_object(const Model& model) const {
  return count(model) == 0 ? Why(tr("there is nothing here")) : std::nullopt;
}

Why ObjectScreen::why_no_clear(const Model&) const {
  return filter_.empty() ? Why(tr("there is no filter")) : std::nullopt;
}

const std::vector<std::string>& ObjectScreen::users(const Model& model, const Object& object) const {
  if (users_in_ == model.workspace.shared() && users_of_ == object) return users_;
  users_.clear();
  for (const edit::Reference& reference : edit::references_to(model.workspace.tree(), object))
    if (std::ranges::find(users_, reference.by) == users_.end()) users_.push_back(reference.by);
  users_in_ = model.workspace.shared();
  users_of_ = object;
  return users_;
}

void ObjectScreen::draw_marks(ui::Canvas row, const ObjectLine& line) const {
  row.put(0, 0, line.is_active ? "[x]" : "[ ]", line.is_active ? Role::Normal : Role::Dim);
  const auto wrong = problems_.of(line.object);
  if (wrong.empty()) return;
  const bool is_error = has_error(wrong);
  row.put(0, 3, is_error ? "!" : "~", is_error ? Role::Error : Role::Warning);
}

void ObjectScreen::draw_details(ui::Canvas canvas, const Model& model) const {
  canvas.rule(0);
  const ObjectLine* line = current(model);
  if (line == nullptr) return;
  int row = 1;
  for (const diag::Diagnostic* problem : problems_.of(line->object)) {
    if (row + 1 >= canvas.rows()) break;
    const bool is_error = problem->severity == diag::Severity::Error;
    canvas.put(row++, 1, (is_error ? "! " : "~ ") + text_of(*problem), is_error ? Role::Error : Role::Warning);
  }
  const auto& by = users(model, line->object);
  if (row < canvas.rows())
    canvas.put(row++, 1, by.empty() ? std::string(tr("used by nothing")) : fill(tr("used by {}"), base::join(by, ", ")),
               Role::Dim);
  if (row < canvas.rows() && !line->comment.empty()) canvas.put(row, 1, line->comment);
}

}  // namespace vuurmuur::screens
