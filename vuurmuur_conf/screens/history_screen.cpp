// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/history_screen.h"

#include <algorithm>
#include <array>

#include "screens/caller.h"
#include "screens/confirm.h"
#include "screens/countdown_screen.h"
#include "screens/generation_screen.h"
#include "screens/list_screen.h"
#include "screens/reader.h"
#include "screens/when.h"
#include "ui/columns.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Generation;
using app::Model;
using app::Needs;
using app::RequestId;
using app::Why;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

/// So long a generation that is brought back waits to be confirmed.
constexpr std::int64_t kSeconds = 60;

Role role_of_state(const Generation& generation) {
  if (generation.is_in_force) return Role::Good;
  if (generation.state == "refused") return Role::Error;
  if (generation.state == "rolled back") return Role::Warning;
  return Role::Normal;
}

enum At { kMark, kNumber, kState, kWhen, kWho, kComment };

class History final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("History"); }
  void opened(Context& context) override { ask_history(context); }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;

  void update(const app::Event& event, Context& context) override {
    if (const auto* reply = std::get_if<app::Reply>(&event); reply != nullptr && reply->request != RequestId::None)
      take(*reply, context);
    // Whatever happened to a generation, the list tells it.
    const auto* link = std::get_if<app::LinkChanged>(&event);
    if (std::holds_alternative<app::StatusKnown>(event) || (link != nullptr && link->link == app::Link::There))
      ask_history(context);
    ListScreen::update(event, context);
  }

  // Actions.
  void show(Context& context) { showing_ = context.call("Show", {{"generation", current()->number}}); }
  void rules(Context& context) { ruling_ = context.call("Rules", {{"generation", current()->number}}); }
  void with_before(Context& context) { compare(before()->number, current()->number, context); }
  void with_in_force(Context& context) { compare(in_force()->number, current()->number, context); }
  void with_disk(Context& context) { compare(current()->number, std::nullopt, context); }
  void bring_back(Context& context);
  void read(Context& context) { ask_history(context); }

  // Why not.
  [[nodiscard]] Why why_none(const Model&) const {
    return current() == nullptr ? Why(tr("there is no generation here")) : std::nullopt;
  }
  [[nodiscard]] Why why_none_before(const Model& model) const {
    if (auto why = why_none(model)) return why;
    return before() == nullptr ? Why(tr("there is none before it")) : std::nullopt;
  }
  [[nodiscard]] Why why_not_with_in_force(const Model& model) const {
    if (auto why = why_none(model)) return why;
    if (in_force() == nullptr) return tr("no generation is in force");
    return current() == in_force() ? Why(tr("it is in force itself")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_bring_back(const Model& model) const {
    if (auto why = why_none(model)) return why;
    if (rolling_back_ != RequestId::None) return tr("the daemon is at it");
    return current()->is_in_force ? Why(tr("it is in force already")) : std::nullopt;
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  [[nodiscard]] int count(const Model&) const override { return static_cast<int>(generations_.size()); }
  void open(Context& context) override {
    if (current() != nullptr) show(context);
  }

  [[nodiscard]] const Generation* at(std::size_t index) const {
    return index < generations_.size() ? &generations_[index] : nullptr;
  }
  [[nodiscard]] const Generation* current() const { return at(static_cast<std::size_t>(selected())); }
  /// The newest comes first.
  [[nodiscard]] const Generation* before() const { return at(static_cast<std::size_t>(selected()) + 1); }
  [[nodiscard]] const Generation* in_force() const {
    const auto found = std::ranges::find(generations_, true, &Generation::is_in_force);
    return found == generations_.end() ? nullptr : &*found;
  }

  void ask_history(Context& context) {
    if (context.model().daemon.link == app::Link::There) asking_ = context.call("History");
  }
  void compare(std::int64_t generation, std::optional<std::int64_t> with, Context& context) {
    ipc::Json parameters{{"generation", generation}};
    if (with) parameters["with"] = *with;
    comparing_ = context.call("Compare", std::move(parameters));
    compared_ =
        with ? fill(tr("Generation {} → {}"), generation, *with) : fill(tr("Generation {} → the disk"), generation);
  }
  void take(const app::Reply& reply, Context& context);
  void take_history(const ipc::Json& answer, Context& context);
  void take_comparison(const ipc::Json& answer, Context& context) const;
  void take_rollback(const ipc::Json& answer, Context& context) const;
  void draw_details(ui::Canvas canvas) const;

  std::vector<Generation> generations_;
  bool is_known_ = false;
  RequestId asking_{}, showing_{}, ruling_{}, comparing_{}, rolling_back_{};
  std::string compared_;
};

std::vector<std::span<const Binding>> History::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "history.show",
              .keys = "Enter s",
              .label = to_translate("show"),
              .help = to_translate("the generation with the files of its configuration"),
              .needs = Needs::Daemon,
              .act = call<&History::show>,
              .why_not = ask<&History::why_none>},
      Binding{.id = "history.before",
              .keys = "d",
              .label = to_translate("changes"),
              .help = to_translate("what it changed: compared with the generation before it"),
              .needs = Needs::Daemon,
              .act = call<&History::with_before>,
              .why_not = ask<&History::why_none_before>},
      Binding{.id = "history.bring-back",
              .keys = "b",
              .label = to_translate("bring back"),
              .help = to_translate("put its configuration in force again; asks"),
              .needs = Needs::Daemon,
              .act = call<&History::bring_back>,
              .why_not = ask<&History::why_no_bring_back>},
      Binding{.id = "history.in-force",
              .keys = "f",
              .label = to_translate("with in force"),
              .help = to_translate("what bringing it back would change: compared with the one in force"),
              .needs = Needs::Daemon,
              .act = call<&History::with_in_force>,
              .why_not = ask<&History::why_not_with_in_force>},
      Binding{.id = "history.disk",
              .keys = "w",
              .label = to_translate("with disk"),
              .help = to_translate("compared with the files on the disk"),
              .needs = Needs::Daemon,
              .act = call<&History::with_disk>,
              .why_not = ask<&History::why_none>},
      Binding{.id = "history.rules",
              .keys = "v",
              .label = to_translate("kernel rules"),
              .help = to_translate("the kernel rules that it was"),
              .needs = Needs::Daemon,
              .act = call<&History::rules>,
              .why_not = ask<&History::why_none>},
      Binding{.id = "history.read",
              .keys = "F5",
              .label = "",
              .help = to_translate("ask the daemon again"),
              .needs = Needs::Daemon,
              .act = call<&History::read>},
  };
  return {kRows, navigation()};
}

void History::bring_back(Context& context) {
  const Generation& generation = *current();
  const std::int64_t number = generation.number;
  std::vector<std::string> lines{
      tr("Its configuration is put in force as a new generation; the files on the disk stay as they are."),
      fill(tr("Without a confirmation it goes back after {} s."), kSeconds)};
  if (generation.state == "refused" || generation.state == "rolled back")
    lines.push_back(fill(tr("This generation was {} once."), state_name(generation.state)));
  context.push(
      make_confirm(fill(tr("Bring generation {} back?"), number), std::move(lines), [this, number](Context& then) {
        rolling_back_ =
            then.call("Rollback", with_caller(then.model(), {{"generation", number},
                                                             {"confirm_seconds", kSeconds},
                                                             {"own_connection", own_connection_of(then.model())}}));
      }));
}

void History::take(const app::Reply& reply, Context& context) {
  const ipc::Json& answer = reply.reply.parameters;
  for (RequestId* request : {&asking_, &showing_, &ruling_, &comparing_, &rolling_back_}) {
    if (*request != reply.request) continue;
    const RequestId which = reply.request;
    if (!reply.reply.error.empty()) {
      context.fail(app::message_of(reply.reply));
    } else if (which == asking_) {
      take_history(answer, context);
    } else if (which == showing_) {
      context.push(make_generation(answer));
    } else if (which == ruling_) {
      context.push(make_reader(tr("Kernel rules"), text_lines(app::text_in(answer, "rules"))));
    } else if (which == comparing_) {
      take_comparison(answer, context);
    } else {
      take_rollback(answer, context);
    }
    *request = RequestId::None;
    return;
  }
}

void History::take_history(const ipc::Json& answer, Context& context) {
  const std::int64_t selected_number = current() == nullptr ? 0 : current()->number;
  generations_.clear();
  is_known_ = true;
  if (const auto list = answer.find("generations"); list != answer.end() && list->is_array())
    for (const ipc::Json& generation : *list)
      if (generation.is_object()) generations_.push_back(app::generation_from(generation));
  const auto same = std::ranges::find(generations_, selected_number, &Generation::number);
  select(same == generations_.end() ? 0 : static_cast<int>(same - generations_.begin()), context);
}

void History::take_comparison(const ipc::Json& answer, Context& context) const {
  std::vector<TextLine> lines;
  for (const app::Difference& file : app::differences_from(answer)) {
    if (!lines.empty()) lines.push_back({.text = ""});
    add_difference(lines, file.path, file.kind, file.hunks);
  }
  if (lines.empty()) return context.say(fill(tr("{}: nothing differs"), compared_));
  context.push(make_reader(compared_, std::move(lines)));
}

void History::take_rollback(const ipc::Json& answer, Context& context) const {
  if (const auto applied = answer.find("applied"); applied != answer.end() && applied->is_object())
    return context.push(make_countdown(app::applied_from(*applied), kSeconds));
  // One that waited was taken back.
  context.say(app::text_in(answer, "reason"));
}

void History::draw_details(ui::Canvas canvas) const {
  canvas.rule(0);
  const Generation* generation = current();
  if (generation == nullptr) return;
  // The last ones: what it is now.
  const auto& events = generation->events;
  const std::size_t room = static_cast<std::size_t>(canvas.rows()) - 1;
  const std::size_t first = events.size() > room ? events.size() - room : 0;
  for (std::size_t i = first; i < events.size(); ++i) {
    const app::EventEntry& event = events[i];
    const int row = static_cast<int>(i - first) + 1;
    int column = canvas.put(row, 1, date_time(event.time), Role::Dim) + 2;
    canvas.put(row, column, state_name(event.what));
    column += 13;
    column = canvas.put(row, column, who_of(event), Role::Dim) + 2;
    canvas.put(row, column, event.detail, Role::Dim);
  }
}

void History::view(const Model& model, ui::Canvas canvas) const {
  if (generations_.empty()) {
    const auto why = app::why_not_daemon(model);
    canvas.put_centred(
        canvas.rows() / 2,
        why ? *why : std::string(is_known_ ? tr("Nothing was put in force yet.") : tr("The daemon is asked…")),
        Role::Dim);
    return;
  }
  const int digits = std::max(2, static_cast<int>(std::to_string(generations_.front().number).size()));
  const std::array table{
      ui::Column{.head = "", .least = 2, .most = 2},
      ui::Column{.head = to_translate("Nr"), .least = digits, .most = digits, .is_right = true},
      ui::Column{.head = to_translate("State"), .least = 11, .most = 11},
      ui::Column{.head = to_translate("When"), .least = 16, .most = 16, .rank = 2},
      ui::Column{.head = to_translate("By"), .least = 10, .most = 30, .rank = 1},
      ui::Column{.head = to_translate("Comment"), .least = 10, .most = 200, .rank = 1},
  };
  const std::vector<ui::Slot> slots = ui::share_out(table, canvas.columns() - 1);
  for (std::size_t i = 1; i < table.size(); ++i)
    if (slots[i].columns > 0) canvas.put_cut(0, slots[i].column, slots[i].columns, tr(table[i].head), Role::Heading);
  const int details = canvas.rows() >= 18 ? 6 : 0;
  list().view(canvas.rows_from(1, canvas.rows() - 1 - details), count(model), [&](ui::Canvas row, int item) {
    const Generation& generation = generations_[static_cast<std::size_t>(item)];
    const auto put = [&](At at, std::string_view text, Role role) {
      row.put_cut(0, slots[at].column, slots[at].columns, text, role);
    };
    if (generation.is_in_force) row.put(0, 0, "▸", Role::Good);
    row.put_right(0, slots[kNumber].column + slots[kNumber].columns, std::to_string(generation.number), Role::Dim);
    put(kState, state_name(generation.state), role_of_state(generation));
    if (const app::EventEntry* event = state_event(generation)) {
      put(kWhen, date_time(event->time), Role::Dim);
      put(kWho, who_of(*event), Role::Normal);
    }
    put(kComment, generation.comment, Role::Normal);
  });
  if (details > 0) draw_details(canvas.rows_from(canvas.rows() - details));
}

}  // namespace

std::unique_ptr<app::Screen> make_history() { return std::make_unique<History>(); }

}  // namespace vuurmuur::screens
