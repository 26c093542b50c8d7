// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/countdown_screen.h"

#include <algorithm>
#include <array>

#include "screens/big_number.h"
#include "screens/caller.h"
#include "screens/list_screen.h"
#include "screens/reader.h"
#include "screens/when.h"
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

/// From here on there is hurry.
constexpr std::int64_t kHurry = 10;

std::string name_of(const std::optional<std::int64_t>& generation) {
  return generation ? fill(tr("generation {}"), *generation) : std::string(tr("the firewall without rules"));
}

/// What happened last to a generation under this name; null: it did not.
const app::EventEntry* last_event(const app::Generation& generation, std::string_view what) {
  const auto found =
      std::ranges::find(generation.events.rbegin(), generation.events.rend(), what, &app::EventEntry::what);
  return found == generation.events.rend() ? nullptr : &*found;
}

class Countdown final : public ListScreen {
 public:
  Countdown(app::Applied applied, std::int64_t seconds) : applied_(std::move(applied)), seconds_(seconds) {
    notes_ = screens::remarks_on(applied_);
  }

  [[nodiscard]] std::string title() const override { return fill(tr("Generation {}"), applied_.generation); }
  void opened(Context& context) override {
    deadline_ = context.model().now + seconds_;
    // The keys are in the last line, and there is hurry.
    context.model().message.reset();
    take(context.model().daemon.status);
  }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "countdown.confirm",
                .keys = "y",
                .label = to_translate("keep it"),
                .help = to_translate("confirm: keep the rules that are in force now"),
                .needs = Needs::Daemon,
                .act = call<&Countdown::confirm>,
                .why_not = ask<&Countdown::why_over>},
        Binding{.id = "countdown.take-back",
                .keys = "b",
                .label = to_translate("go back"),
                .help = to_translate("take the rules back that wait to be confirmed"),
                .needs = Needs::Daemon,
                .act = call<&Countdown::take_back>,
                .why_not = ask<&Countdown::why_over>},
    };
    return {kRows, navigation()};
  }

  void confirm(Context& context) {
    request_ = context.call("Confirm", with_caller(context.model(), ipc::Json::object()));
  }
  void take_back(Context& context) {
    request_ = context.call("TakeBack", with_caller(context.model(), ipc::Json::object()));
  }
  [[nodiscard]] Why why_over(const Model&) const {
    if (request_ != app::RequestId::None) return tr("the daemon was asked already");
    return end_ == End::None ? std::nullopt : Why(tr("it is decided: Esc goes on"));
  }

  void update(const app::Event& event, Context& context) override {
    ListScreen::update(event, context);
    if (const auto* known = std::get_if<app::StatusKnown>(&event)) take(known->status);
    if (const auto* reply = std::get_if<app::Reply>(&event);
        reply != nullptr && request_ != app::RequestId::None && reply->request == request_)
      take(reply->reply, context);
  }

  void view(const Model& model, ui::Canvas canvas) const override {
    // Where there is room the figures do not stand under the title at once.
    const int top = canvas.rows() >= 18 ? 1 : 0;
    int row =
        end_ == End::None ? draw_count(canvas.rows_from(top), model) + top : draw_end(canvas.rows_from(top)) + top;
    columns_ = canvas.columns() - 4;
    const std::vector<TextLine> lines = wrapped(notes_, columns_);
    if (lines.empty() || row >= canvas.rows()) return;
    ui::Canvas notes =
        canvas.part({.row = row, .column = 1, .rows = canvas.rows() - row, .columns = canvas.columns() - 1});
    list().view(notes, static_cast<int>(lines.size()), [&lines](ui::Canvas line, int item) {
      const TextLine& text = lines[static_cast<std::size_t>(item)];
      line.put(0, 1, text.text, text.role);
    });
  }

 private:
  enum class End : std::uint8_t { None, Confirmed, GoneBack, Replaced };

  [[nodiscard]] int count(const Model&) const override { return static_cast<int>(wrapped(notes_, columns_).size()); }

  [[nodiscard]] std::int64_t left(const Model& model) const {
    const app::Status& status = model.daemon.status;
    const bool is_ours = status.generation && status.generation->number == applied_.generation;
    if (const auto known = app::seconds_left(model); known && is_ours) return *known;
    return std::max<std::int64_t>(0, deadline_ - model.now);
  }

  void end(End end, std::string text) {
    end_ = end;
    end_text_ = std::move(text);
  }

  void take(const app::Status& status) {
    const std::int64_t number = applied_.generation;
    const auto is_it = [number](const std::optional<app::Generation>& one) { return one && one->number == number; };
    if (end_ == End::Confirmed || end_ == End::GoneBack) return;
    if (is_it(status.generation)) {
      if (status.is_waiting() || status.confirmed != number) return;
      const app::EventEntry* event = last_event(*status.generation, "confirmed");
      end(End::Confirmed, event == nullptr ? fill(tr("Generation {} is confirmed."), number)
                                           : fill(tr("Generation {} is confirmed by {}."), number, who_of(*event)));
    } else if (is_it(status.newest)) {
      const app::EventEntry* event = last_event(*status.newest, "rolled back");
      end(End::GoneBack, fill(tr("Generation {} was taken back: {} is in force."), number,
                              name_of(status.generation ? std::optional(status.generation->number) : std::nullopt)));
      if (event != nullptr && !event->detail.empty()) reason_ = event->detail;
    } else if (status.generation && status.generation->number > number) {
      end(End::Replaced, fill(tr("Generation {} took the place of generation {}."), status.generation->number, number));
    }
  }

  void take(const ipc::Reply& reply, Context& context) {
    request_ = app::RequestId::None;
    // Whoever was faster, or the time was over: the state comes by itself.
    if (!reply.error.empty()) return context.fail(app::message_of(reply));
    if (reply.parameters.contains("confirmed")) {
      end(End::Confirmed, fill(tr("Generation {} is confirmed."), applied_.generation));
      return;
    }
    const auto in_force = reply.parameters.find("in_force");
    end(End::GoneBack, fill(tr("Generation {} was taken back: {} is in force."), applied_.generation,
                            name_of(in_force != reply.parameters.end() && in_force->is_number()
                                        ? std::optional(in_force->get<std::int64_t>())
                                        : std::nullopt)));
    reason_ = app::text_in(reply.parameters, "reason");
  }

  /// Both give the row behind what they drew.
  int draw_count(ui::Canvas canvas, const Model& model) const;
  int draw_end(ui::Canvas canvas) const {
    const bool is_good = end_ == End::Confirmed;
    canvas.put_centred(1, (is_good ? "✓ " : "! ") + end_text_, is_good ? Role::Good : Role::Warning);
    if (!reason_.empty()) canvas.put_centred(2, reason_, Role::Dim);
    if (end_ != End::GoneBack) return 4;
    canvas.put_centred(3, tr("The files on the disk stay as they are."), Role::Dim);
    return 5;
  }

  app::Applied applied_;
  std::int64_t seconds_, deadline_ = 0;
  std::vector<TextLine> notes_;
  app::RequestId request_{};
  End end_ = End::None;
  std::string end_text_, reason_;
  mutable int columns_ = 76;
};

int Countdown::draw_count(ui::Canvas canvas, const Model& model) const {
  const std::int64_t seconds = left(model);
  const Role role = seconds <= kHurry ? Role::Error : Role::Warning;
  canvas.put_centred(0, fill(tr("Generation {} is in force, and waits to be confirmed."), applied_.generation),
                     Role::Heading);
  int row = 2;
  draw_big(canvas.rows_from(row, kBigRows), seconds, role);
  row += kBigRows + 1;
  // What is left of the time, as far as it is known how long it was.
  const int width = std::min(60, canvas.columns() - 4);
  if (seconds_ > 0) {
    const auto part = static_cast<int>(std::min(seconds, seconds_) * width / seconds_);
    const int begin = (canvas.columns() - width) / 2;
    for (int i = 0; i < width; ++i) canvas.put(row, begin + i, i < part ? "━" : "─", i < part ? role : Role::Border);
    ++row;
  }
  canvas.put_centred(row++, seconds > 0
                                ? fill(tr("In {} s {} comes back by itself."), seconds, name_of(applied_.goes_back_to))
                                : fill(tr("The time is over: {} comes back."), name_of(applied_.goes_back_to)));
  if (model.daemon.link != app::Link::There) {
    canvas.put_centred(row++, tr("The daemon does not answer: nothing can be confirmed."), Role::Error);
  } else if (request_ != app::RequestId::None) {
    canvas.put_centred(row++, tr("The daemon was asked…"), Role::Heading);
  } else {
    canvas.put_centred(row++, tr("y keeps the new rules, b goes back at once."), Role::Heading);
  }
  canvas.put_centred(row++, tr("The daemon counts, also when this terminal dies."), Role::Dim);
  return row + 1;
}

}  // namespace

std::vector<TextLine> remarks_on(const app::Applied& applied) {
  std::vector<TextLine> lines;
  const auto add = [&lines](std::string text, Role role) { lines.push_back({.text = std::move(text), .role = role}); };
  if (!applied.lockout.empty()) {
    add("! " + applied.lockout, Role::Error);
    const bool is_ended = applied.connections && applied.connections->is_enforced;
    add(is_ended ? tr("! this session is ended")
                 : tr("! it goes on while it lasts, and another like it does not get in"),
        Role::Error);
  }
  if (!applied.lockout_unknown.empty())
    add(fill(tr("~ whether the rules refuse this session is not known: {}"), applied.lockout_unknown), Role::Warning);
  if (applied.replaced)
    add(fill(tr("~ generation {}, which waited to be confirmed, is replaced"), *applied.replaced), Role::Warning);
  for (const std::string& warning : applied.warnings) add("~ " + warning, Role::Warning);
  if (!applied.directory.empty())
    add(fill(ui::tr_count("{} rule loaded into {} from {}", "{} rules loaded into {} from {}",
                          static_cast<long>(applied.rules)),
             applied.rules, applied.backend, applied.directory),
        Role::Normal);
  if (applied.connections) {
    const app::LiveConnections& seen = *applied.connections;
    add(seen.is_enforced ? fill(tr("Live connections: {} kept, {} ended, {} changed, {} undecided"), seen.kept,
                                seen.ended, seen.changed, seen.undecided)
                         : fill(tr("Live connections: {} are allowed, {} would not be any more, {} would be treated "
                                   "otherwise, {} undecided"),
                                seen.kept, seen.ended, seen.changed, seen.undecided),
        Role::Normal);
    if (seen.failed > 0)
      add(fill(ui::tr_count("! {} connection could not be ended or changed",
                            "! {} connections could not be ended or changed", static_cast<long>(seen.failed)),
               seen.failed),
          Role::Error);
  }
  for (TextLine& line : diagnostic_lines(applied.text)) lines.push_back(std::move(line));
  return lines;
}

std::unique_ptr<app::Screen> make_countdown(app::Applied applied, std::int64_t seconds) {
  return std::make_unique<Countdown>(std::move(applied), seconds);
}

std::unique_ptr<app::Screen> make_countdown(const app::Model& model) {
  const app::Status& status = model.daemon.status;
  return make_countdown(
      {.generation = status.generation ? status.generation->number : 0, .goes_back_to = status.confirmed}, 0);
}

bool is_countdown(const app::Screen& screen) { return dynamic_cast<const Countdown*>(&screen) != nullptr; }

}  // namespace vuurmuur::screens
