// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/app.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/overloaded.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::app {

using ui::Canvas;
using ui::Role;
using ui::tr;

namespace {

/// Whether a key belongs to the field that is typed into, before any binding.
bool writes(const ui::Key& key) {
  using enum ui::KeyCode;
  const bool edits = key.code == Backspace || key.code == Delete || key.code == Left || key.code == Right ||
                     key.code == Home || key.code == End;
  const bool is_command = key.ctrl && key.code == Character &&
                          std::u32string_view(U"aekuw").find(key.character) != std::u32string_view::npos;
  return key.is_text() || edits || is_command;
}

}  // namespace

App::App(Model model, std::span<const Binding> globals, std::unique_ptr<Screen> first)
    : model_(std::move(model)), globals_(globals) {
  screens_.push_back(std::move(first));
}

std::vector<InScope> App::in_scope() const {
  std::vector<InScope> rows;
  const auto add = [&](std::span<const Binding> table, bool is_global) {
    for (const Binding& row : table)
      rows.push_back({.binding = &row, .is_global = is_global, .why_not = app::why_not(row, top(), model_)});
  };
  for (const std::span<const Binding> table : top().bindings()) add(table, false);
  add(globals_, true);
  return rows;
}

const Binding* App::find(const ui::Key& key) const {
  const auto in = [&key](std::span<const Binding> table) -> const Binding* {
    for (const Binding& row : table)
      if (const auto keys = keys_of(row); std::ranges::find(keys, key) != keys.end()) return &row;
    return nullptr;
  };
  for (const std::span<const Binding> table : top().bindings())
    if (const Binding* row = in(table)) return row;
  return in(globals_);
}

const Binding* App::find(std::string_view id) const {
  for (const std::span<const Binding> table : top().bindings())
    for (const Binding& row : table)
      if (row.id == id) return &row;
  for (const Binding& row : globals_)
    if (row.id == id) return &row;
  return nullptr;
}

void App::run(const Binding& binding, Context& context) {
  if (const Why why = app::why_not(binding, *screens_.back(), model_)) {
    context.say(*why, Role::Warning);
    return;
  }
  VM_ASSERT(binding.act != nullptr);
  binding.act(*screens_.back(), context);
}

std::vector<Effect> App::finish(Context& context) {
  // A step may ask for further ones.
  for (std::size_t i = 0; i < context.steps().size(); ++i) {
    Context::Step step = std::move(context.steps()[i]);
    std::visit(base::Overloaded{[this, &context](Context::Push& push) {
                                  screens_.push_back(std::move(push.screen));
                                  screens_.back()->opened(context);
                                },
                                [this](const Context::Pop& pop) {
                                  for (int n = 0; n < pop.count && screens_.size() > 1; ++n) screens_.pop_back();
                                },
                                [this](const Context::Close& wanted) {
                                  const auto found =
                                      std::ranges::find(screens_, wanted.screen, &std::unique_ptr<Screen>::get);
                                  if (found == screens_.begin() || found == screens_.end()) return;
                                  if (!wanted.is_only_uppermost || *found == screens_.back())
                                    screens_.erase(found, screens_.end());
                                },
                                [this, &context](const Context::Run& wanted) { run(*wanted.binding, context); }},
               step);
  }
  judge_rules(context);
  return std::move(context.effects());
}

void App::judge_rules(Context& context) {
  const std::shared_ptr<const Reading>& reading = model_.workspace.shared();
  if (reading->is_judged || reading == asked_.lock()) return;
  asked_ = reading;
  context.effect(Judge{.reading = reading});
}

std::vector<Effect> App::input(const ui::Input& input) {
  return std::visit(
      base::Overloaded{
          [this](const ui::Key& key) { return handle(key); }, [this](const ui::Paste& paste) { return handle(paste); },
          [](const ui::Resize&) { return std::vector<Effect>(); },
          [this](const ui::Mouse& mouse) {
            using enum ui::Mouse::What;
            if (mouse.what == WheelUp || mouse.what == WheelDown)
              return handle(Wheel{.by = mouse.what == WheelUp ? -3 : 3});
            const auto region = std::ranges::find_if(regions_.rbegin(), regions_.rend(), [&mouse](const auto& there) {
              return there.rect.contains(mouse.place);
            });
            if (region == regions_.rend()) return std::vector<Effect>();
            if (region->action.empty())
              return handle(Click{.item = region->item, .is_double = mouse.what == DoublePress});
            Context context(model_, last_request_);
            model_.message.reset();
            if (const Binding* binding = find(region->action)) run(*binding, context);
            return finish(context);
          }},
      input);
}

void App::note(const Event& event, Context& context) {
  std::visit(base::Overloaded{
                 [this](const ui::Key&) { model_.message.reset(); },
                 [this](const Tick& tick) { model_.now = tick.now, model_.time = tick.time; },
                 [this](const LinkChanged& changed) {
                   model_.daemon.link = changed.link;
                   model_.daemon.reason = changed.reason;
                 },
                 [this](const StatusKnown& known) {
                   model_.daemon.status = known.status;
                   model_.daemon.status.asked = model_.now;
                 },
                 [this](const CountersSampled& sampled) { model_.daemon.counters = sampled.counters; },
                 [this, &context](const Saved& saved) {
                   if (!*saved.outcome || !(*saved.outcome)->is_saved()) return;
                   model_.workspace.settle();
                   context.effect(ReadTree{});
                 },
                 [this](const TreeRead& read) { take_tree(model_, read.files); },
                 [this](const Judged& judged) { model_.workspace.take(judged.asked, judged.found); },
                 [&context](const EditorEnded& ended) {
                   if (!ended.problem.empty()) context.fail(ended.problem);
                   context.effect(ReadTree{});
                 },
                 [](const auto&) {},
             },
             event);
}

std::vector<Effect> App::handle(const Event& event) {
  Context context(model_, last_request_);
  note(event, context);
  const auto* key = std::get_if<ui::Key>(&event);
  Screen& screen = *screens_.back();
  if (key == nullptr) {
    const bool is_for_top = std::holds_alternative<ui::Paste>(event) || std::holds_alternative<Click>(event) ||
                            std::holds_alternative<Wheel>(event);
    // News is for every screen: those below must not be out of date when they are seen again.
    if (is_for_top) {
      screen.update(event, context);
    } else {
      for (const auto& each : screens_) each->update(event, context);
    }
    return finish(context);
  }
  const Binding* binding = screen.is_typing() && writes(*key) ? nullptr : find(*key);
  if (binding != nullptr) {
    run(*binding, context);
  } else {
    screen.update(event, context);
  }
  return finish(context);
}

Streams App::streams() const {
  Streams streams;
  for (const auto& screen : screens_) {
    const Streams wanted = screen->streams();
    streams.counters |= wanted.counters;
    streams.log |= wanted.log;
    // Of two that want connections the one above is looked at.
    if (wanted.connections) streams.connections = wanted.connections;
  }
  return streams;
}

void App::draw_title(Canvas canvas) const {
  canvas.fill(0, Role::Title);
  std::string path;
  for (const auto& screen : screens_) path += (path.empty() ? "" : " › ") + screen->title();
  int at = canvas.put(0, 1, "vuurmuur", Role::Title);
  at = canvas.put(0, at, "  " + path, Role::Title);
  std::string state;
  const auto add = [&state](const std::string& text) { state += (state.empty() ? "" : "  ") + text; };
  if (const int changes = model_.workspace.change_count(); changes > 0)
    add(ui::fill(ui::tr_count("draft: {} change", "draft: {} changes", changes), changes));
  if (!model_.changed_underneath.empty()) add(tr("files changed"));
  if (!model_.why_read_only.empty()) add(tr("read-only"));
  switch (model_.daemon.link) {
    case Link::Offline: add(tr("offline")); break;
    case Link::Lost: add(tr("no daemon")); break;
    case Link::There: {
      const Status& status = model_.daemon.status;
      if (const auto left = seconds_left(model_)) {
        add(ui::fill(tr("goes back in {} s"), *left));
      } else if (status.generation) {
        add(ui::fill(tr("generation {}"), status.generation->number));
      } else {
        add(tr("no rules loaded"));
      }
    }
  }
  const int room = canvas.columns() - at - 3;
  if (room > 0) canvas.part({.column = at + 2, .rows = 1, .columns = room}).put_right(0, room, state, Role::Title);
}

void App::draw_footer(Canvas canvas) const {
  if (model_.message) {
    canvas.put(0, 1, model_.message->text, model_.message->role);
    return;
  }
  int at = 1;
  for (const InScope& row : in_scope()) {
    if (row.binding->label[0] == '\0') continue;
    // A key that the screen has another use for, or that is typed into a field, does not do this here.
    const auto keys = keys_of(*row.binding);
    const auto free = std::ranges::find_if(
        keys, [&](const ui::Key& one) { return find(one) == row.binding && !(top().is_typing() && writes(one)); });
    if (free == keys.end()) continue;
    const std::string key = ui::name_of(*free);
    const std::string label = tr(row.binding->label);
    const int columns = ui::columns_of(key) + 1 + ui::columns_of(label);
    if (at + columns >= canvas.columns()) break;
    canvas.put(0, at, key, row.why_not ? Role::Dim : Role::Shortcut);
    canvas.put(0, at + ui::columns_of(key) + 1, label, row.why_not ? Role::Dim : Role::Normal);
    canvas.add_region({.column = at, .rows = 1, .columns = columns}, row.binding->id);
    at += columns + 2;
  }
}

ui::Frame App::view(ui::Size size) const {
  ui::Frame frame(size);
  Canvas canvas(frame);
  if (size.rows < kLeastSize.rows || size.columns < kLeastSize.columns) {
    canvas.put(0, 0,
               ui::fill(tr("terminal too small: {}×{}, need {}×{}"), size.columns, size.rows, kLeastSize.columns,
                        kLeastSize.rows));
    regions_.clear();
    return frame;
  }
  draw_title(canvas.rows_from(0, 1));
  const Canvas body = canvas.rows_from(1, size.rows - 2);
  std::size_t first = screens_.size() - 1;
  while (first > 0 && screens_[first]->is_overlay()) --first;
  for (std::size_t i = first; i < screens_.size(); ++i) screens_[i]->view(model_, body);
  draw_footer(canvas.rows_from(size.rows - 1));
  regions_ = frame.regions();
  return frame;
}

}  // namespace vuurmuur::app
