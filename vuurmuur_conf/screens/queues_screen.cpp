// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/queues_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "screens/list_screen.h"
#include "screens/log_text.h"
#include "screens/numbers.h"
#include "screens/rules_screen.h"
#include "screens/table.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ask;
using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::Needs;
using app::QueueLine;
using app::Why;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

constexpr std::int64_t kSecondsBetweenLooks = 2;
constexpr int kDetails = 4;

enum At { kNumber, kState, kListens, kWaiting, kPackets, kDropped, kRule };

std::string numbers(const QueueLine& queue) {
  return queue.first == queue.last ? fmt::format("{}", queue.first) : fmt::format("{}-{}", queue.first, queue.last);
}

/// With a sign, so that it is not told by colour alone.
std::string state_text(const QueueLine& queue) {
  if (queue.state == "well") return tr("well");
  if (queue.state == "unattended") return std::string("! ") + tr("unattended");
  if (queue.state == "dropping") return std::string("! ") + tr("dropping");
  if (queue.state == "stuck") return std::string("! ") + tr("stuck");
  return queue.state;
}

std::string listens(const QueueLine& queue) {
  if (queue.consumer) return fill(tr("port id {}"), queue.consumer->port_id);
  return queue.passes ? tr("nobody: passes") : tr("nobody: dropped");
}

std::string rules_text(const QueueLine& queue) {
  if (queue.rules.empty()) return tr("no rule");
  const std::size_t others = queue.rules.size() - 1;
  if (others == 0) return queue.rules.front();
  return fill(tr("{} and {} more"), queue.rules.front(), others);
}

class Queues final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("Queues"); }
  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;

  void opened(Context& context) override { look(context); }
  void update(const app::Event& event, Context& context) override;
  void view(const Model& model, ui::Canvas canvas) const override;

  // Actions.
  void look(Context& context) {
    if (app::why_not_daemon(context.model())) return;
    asked_ = context.call("Queues");
    looked_ = context.model().now;
  }
  void go_to_rule(Context& context) { context.push(make_rules(*rule_number(queue()->rules.front()))); }

  // Why not.
  [[nodiscard]] Why why_no_rule(const Model& model) const {
    const QueueLine* const line = queue();
    if (line == nullptr) return tr("nothing is selected");
    if (line->rules.empty()) return tr("no rule sends there");
    const auto number = rule_number(line->rules.front());
    return number && *number <= model.workspace.now().rules.size() ? std::nullopt
                                                                   : Why(tr("that rule is not there any more"));
  }

 private:
  [[nodiscard]] int count(const Model&) const override { return static_cast<int>(queues_.size()); }
  void open(Context& context) override {
    if (!why_no_rule(context.model())) go_to_rule(context);
  }
  /// The selected one, or null.
  [[nodiscard]] const QueueLine* queue() const {
    const auto at = static_cast<std::size_t>(std::max(0, selected()));
    return at < queues_.size() ? &queues_[at] : nullptr;
  }

  void draw_details(ui::Canvas canvas) const;

  std::vector<QueueLine> queues_;
  bool is_known_ = false;
  std::string why_unknown_;
  app::RequestId asked_{};
  std::int64_t looked_ = 0;
};

std::vector<std::span<const Binding>> Queues::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "queues.rule",
              .keys = "Enter",
              .label = to_translate("rule"),
              .help = to_translate("go to the first rule that sends there"),
              .act = call<&Queues::go_to_rule>,
              .why_not = ask<&Queues::why_no_rule>},
      Binding{.id = "queues.look",
              .keys = "F5",
              .label = "",
              .help = to_translate("ask the daemon again at once"),
              .needs = Needs::Daemon,
              .act = call<&Queues::look>},
  };
  return {kRows, navigation()};
}

void Queues::update(const app::Event& event, Context& context) {
  if (const auto* reply = std::get_if<app::Reply>(&event); reply != nullptr && reply->request == asked_) {
    why_unknown_ = reply->reply.error.empty() ? "" : app::why_refused(reply->reply);
    queues_ = app::queues_from(reply->reply.parameters);
    is_known_ = why_unknown_.empty();
    asked_ = {};
  }
  const bool is_due = std::holds_alternative<app::Tick>(event) && asked_ == app::RequestId::None &&
                      context.model().now >= looked_ + kSecondsBetweenLooks;
  if (std::holds_alternative<app::LinkChanged>(event) || is_due) look(context);
  ListScreen::update(event, context);
}

void Queues::view(const Model& model, ui::Canvas canvas) const {
  constexpr std::array kTable{
      ui::Column{.head = to_translate("Queue"), .least = 6, .most = 11},
      ui::Column{.head = to_translate("State"), .least = 12, .most = 14},
      ui::Column{.head = to_translate("Listens"), .least = 15, .most = 19, .rank = 1},
      ui::Column{.head = to_translate("waiting"), .least = 7, .most = 7, .is_right = true},
      ui::Column{.head = to_translate("packets"), .least = 7, .most = 7, .rank = 2, .is_right = true},
      ui::Column{.head = to_translate("dropped"), .least = 7, .most = 7, .is_right = true},
      ui::Column{.head = to_translate("Rule"), .least = 16, .most = 120},
  };
  const Table table(kTable, canvas);
  table.draw_heads(canvas);
  const int details = canvas.rows() >= 12 ? kDetails : 0;
  const ui::Canvas body = canvas.rows_from(1, canvas.rows() - 1 - details);
  if (queues_.empty()) {
    const auto why = app::why_not_daemon(model);
    const std::string text = why                    ? *why
                             : !why_unknown_.empty() ? why_unknown_
                             : is_known_             ? std::string(tr("No rule sends to a queue, and no program listens to one."))
                                                     : std::string(tr("the daemon is asked"));
    ui::Canvas(body).put_centred(body.rows() / 2, text, Role::Dim);
    return;
  }
  list().view(body, static_cast<int>(queues_.size()), [&](ui::Canvas row, int item) {
    const QueueLine& queue = queues_[static_cast<std::size_t>(item)];
    const bool is_well = queue.state == "well";
    table.put(row, kNumber, numbers(queue));
    table.put(row, kState, state_text(queue), is_well ? Role::Good : Role::Error);
    table.put(row, kListens, listens(queue), queue.consumer ? Role::Normal : Role::Error);
    const auto number = [&](std::size_t at, std::int64_t count, Role role) {
      table.put(row, at, queue.consumer ? short_number(static_cast<double>(count)) : "-", count == 0 ? Role::Dim : role);
    };
    const QueueLine::Consumer counts = queue.consumer.value_or(QueueLine::Consumer{});
    number(kWaiting, counts.waiting, Role::Normal);
    number(kPackets, counts.packets, Role::Normal);
    number(kDropped, counts.dropped + counts.user_dropped, Role::Error);
    table.put(row, kRule, rules_text(queue), queue.rules.empty() ? Role::Dim : Role::Normal);
  });
  if (details != 0) draw_details(canvas.rows_from(canvas.rows() - details));
}

/// What the selected line has no room for.
void Queues::draw_details(ui::Canvas canvas) const {
  canvas.rule(0);
  const QueueLine* const selected = queue();
  if (selected == nullptr) return;
  int row = 1;
  if (const auto& counts = selected->consumer)
    canvas.put(row++, 1,
               fill(tr("{} packets since it listens; {} found the queue full, {} the socket of its program"), counts->packets,
                    counts->dropped, counts->user_dropped),
               Role::Dim);
  for (const std::string& rule : selected->rules)
    if (row < canvas.rows()) canvas.put(row++, 1, rule);
}

}  // namespace

std::unique_ptr<app::Screen> make_queues() { return std::make_unique<Queues>(); }

}  // namespace vuurmuur::screens
