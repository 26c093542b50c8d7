// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/status_screen.h"

#include <algorithm>
#include <array>
#include <map>

#include "screens/list_screen.h"
#include "screens/numbers.h"
#include "screens/reader.h"
#include "screens/when.h"
#include "ui/columns.h"
#include "ui/sparkline.h"
#include "ui/text.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::Binding;
using app::call;
using app::Context;
using app::Model;
using app::TwoWayRate;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

/// Samples that a line of bars can show at most.
constexpr std::size_t kSamples = 120;

/// A row: a name and a text, or what one interface or zone takes.
struct Row {
  std::string label{};
  std::string text{};
  Role role = Role::Normal;
  const TwoWayRate* rate = nullptr;
  bool is_state = false;  ///< text: the state that the daemon is in
  bool is_head = false;   ///< of the columns of rates
  bool is_interface = false;
};

enum At { kName, kInRate, kOutRate, kIn, kOut, kPackets, kBars };

std::string bytes(double number) { return short_number(number) + "B"; }

class StatusScreen final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override { return tr("Status"); }
  [[nodiscard]] app::Streams streams() const override { return {.counters = true}; }
  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{Binding{.id = "status.refused",
                                              .keys = "Enter",
                                              .label = to_translate("refused"),
                                              .help = to_translate("why the last configuration was refused"),
                                              .act = call<&StatusScreen::show_refused>,
                                              .why_not = app::ask<&StatusScreen::why_none_refused>}};
    return {kRows, navigation()};
  }

  void show_refused(Context& context) {
    const app::Status& status = context.model().daemon.status;
    std::vector<TextLine> lines{{.text = status.refused, .role = Role::Error}};
    for (TextLine& line : diagnostic_lines(status.refused_text)) lines.push_back(std::move(line));
    context.push(make_reader(tr("Refused configuration"), std::move(lines)));
  }
  [[nodiscard]] app::Why why_none_refused(const Model& model) const {
    return model.daemon.status.refused.empty() ? app::Why(tr("no configuration was refused")) : std::nullopt;
  }

  void update(const app::Event& event, Context& context) override {
    if (const auto* sampled = std::get_if<app::CountersSampled>(&event)) {
      for (const TwoWayRate& rate : sampled->counters.interfaces) {
        std::vector<double>& past = past_[rate.name];
        past.push_back(rate.in.bytes_per_second + rate.out.bytes_per_second);
        if (past.size() > kSamples) past.erase(past.begin());
      }
    }
    ListScreen::update(event, context);
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  [[nodiscard]] int count(const Model& model) const override { return static_cast<int>(rows(model).size()); }
  [[nodiscard]] static std::vector<Row> rows(const Model& model);
  static void add_generation(std::vector<Row>& rows, const Model& model);
  static void add_rates(std::vector<Row>& rows, const Model& model);
  static void draw_state(ui::Canvas line, int column, const std::string& present);
  void draw_rates(ui::Canvas line, const Row& row) const;

  std::map<std::string, std::vector<double>> past_;  ///< bytes a second by interface
};

void StatusScreen::add_generation(std::vector<Row>& rows, const Model& model) {
  const app::Status& status = model.daemon.status;
  if (!status.generation) {
    rows.push_back(
        {.label = tr("In force"), .text = tr("! no rules of ours: the firewall is open"), .role = Role::Error});
    return;
  }
  const app::Generation& generation = *status.generation;
  rows.push_back({.label = tr("In force"),
                  .text = fill(tr("generation {} ({})"), generation.number, generation.backend),
                  .role = status.state == "cleared" ? Role::Error : Role::Good});
  if (const app::EventEntry* event = state_event(generation))
    rows.push_back({.label = "",
                    .text = fill(tr("{} {} by {}"), state_name(event->what), date_time(event->time), who_of(*event))});
  if (!generation.comment.empty()) rows.push_back({.label = tr("Comment"), .text = generation.comment});
  if (!generation.directory.empty()) rows.push_back({.label = tr("Configuration"), .text = generation.directory});
  if (status.confirmed && *status.confirmed != generation.number)
    rows.push_back({.label = tr("Goes back to"), .text = fill(tr("generation {}"), *status.confirmed)});
}

void StatusScreen::add_rates(std::vector<Row>& rows, const Model& model) {
  const app::Counters& counters = model.daemon.counters;
  if (counters.time == 0) return;
  const auto add = [&rows](const char* head, const std::vector<TwoWayRate>& rates, bool is_interface) {
    if (rates.empty()) return;
    rows.push_back({});
    rows.push_back({.label = head, .is_head = true, .is_interface = is_interface});
    for (const TwoWayRate& rate : rates)
      rows.push_back({.label = rate.name, .rate = &rate, .is_interface = is_interface});
  };
  add(tr("Interfaces"), counters.interfaces, true);
  add(tr("Zones"), counters.zones, false);
}

std::vector<Row> StatusScreen::rows(const Model& model) {
  std::vector<Row> rows;
  const app::DaemonState& daemon = model.daemon;
  const auto why = app::why_not_daemon(model);
  rows.push_back({.label = tr("Daemon"),
                  .text = why ? "! " + *why : std::string(tr("✓ it answers")),
                  .role = why ? (daemon.link == app::Link::Lost ? Role::Error : Role::Dim) : Role::Good});
  if (daemon.link == app::Link::Offline) return rows;
  const app::Status& status = daemon.status;
  const auto left = app::seconds_left(model);
  if (!status.state.empty()) rows.push_back({.label = tr("State"), .text = status.state, .is_state = true});
  if (left)
    rows.push_back(
        {.label = "",
         .text = fill(ui::tr_count("! {} second left to confirm: the key ! leads there",
                                   "! {} seconds left to confirm: the key ! leads there", static_cast<long>(*left)),
                      *left),
         .role = Role::Warning});
  add_generation(rows, model);
  if (status.newest) {
    const app::EventEntry* event = state_event(*status.newest);
    rows.push_back({.label = tr("Newest"),
                    .text = fill(tr("~ generation {}: {}"), status.newest->number, state_name(status.newest->state)) +
                            (event != nullptr && !event->detail.empty() ? ", " + event->detail : ""),
                    .role = Role::Warning});
  }
  rows.push_back({.label = tr("Others"),
                  .text = status.drift.empty() ? std::string(tr("✓ nobody changed our rules"))
                                               : fill(tr("~ another program changed our rules: {}"), status.drift),
                  .role = status.drift.empty() ? Role::Good : Role::Warning});
  if (!status.refused.empty())
    rows.push_back(
        {.label = tr("Refused"), .text = fill(tr("~ {} (Enter tells why)"), status.refused), .role = Role::Warning});
  add_rates(rows, model);
  if (daemon.counters.time != 0) {
    rows.push_back({});
    const std::int64_t age = std::max<std::int64_t>(0, model.time - daemon.counters.time);
    rows.push_back({.label = tr("Counted"),
                    .text = fill(tr("{} ago"), short_time(age)),
                    .role = age > 30 ? Role::Warning : Role::Dim});
  }
  return rows;
}

void StatusScreen::draw_rates(ui::Canvas line, const Row& row) const {
  const std::array table{
      ui::Column{.head = "", .least = 12, .most = 30},
      ui::Column{.head = row.is_interface ? to_translate("in/s") : to_translate("from/s"),
                 .least = 7,
                 .most = 8,
                 .is_right = true},
      ui::Column{.head = row.is_interface ? to_translate("out/s") : to_translate("to/s"),
                 .least = 7,
                 .most = 8,
                 .is_right = true},
      ui::Column{.head = row.is_interface ? to_translate("in") : to_translate("from"),
                 .least = 7,
                 .most = 8,
                 .rank = 1,
                 .is_right = true},
      ui::Column{.head = row.is_interface ? to_translate("out") : to_translate("to"),
                 .least = 7,
                 .most = 8,
                 .rank = 1,
                 .is_right = true},
      ui::Column{.head = to_translate("packets/s"), .least = 9, .most = 10, .rank = 2, .is_right = true},
      ui::Column{.head = "", .least = 10, .most = 60, .rank = 3},
  };
  const std::vector<ui::Slot> slots = ui::share_out(table, line.columns() - 2);
  const auto put = [&](At at, const std::string& text, Role role) {
    if (slots[at].columns > 0) line.put_right(0, 1 + slots[at].column + slots[at].columns, text, role);
  };
  line.put_cut(0, 1, slots[kName].columns, row.label, row.is_head ? Role::Heading : Role::Normal);
  if (row.is_head) {
    for (const At at : {kInRate, kOutRate, kIn, kOut, kPackets}) put(at, tr(table[at].head), Role::Heading);
    return;
  }
  const TwoWayRate& rate = *row.rate;
  const auto role = [](double number) { return number > 0 ? Role::Good : Role::Dim; };
  put(kInRate, bytes(rate.in.bytes_per_second), role(rate.in.bytes_per_second));
  put(kOutRate, bytes(rate.out.bytes_per_second), role(rate.out.bytes_per_second));
  put(kIn, bytes(static_cast<double>(rate.in.bytes)), Role::Normal);
  put(kOut, bytes(static_cast<double>(rate.out.bytes)), Role::Normal);
  put(kPackets, short_number(rate.in.packets_per_second + rate.out.packets_per_second), Role::Normal);
  const auto past = past_.find(rate.name);
  if (row.is_interface && past != past_.end() && slots[kBars].columns > 0)
    line.put(0, 2 + slots[kBars].column, ui::sparkline(past->second, slots[kBars].columns - 1), Role::Good);
}

/// The states that the firewall goes through, the present one in brackets; without room that one alone.
void StatusScreen::draw_state(ui::Canvas line, int column, const std::string& present) {
  static constexpr std::array kStates{"idle", "applying", "awaiting confirmation", "confirmed", "cleared"};
  const Role role = present == "confirmed" ? Role::Good
                    : present == "cleared" ? Role::Error
                    : present == "idle"    ? Role::Normal
                                           : Role::Warning;
  std::string all;
  for (const char* state : kStates) all += state_name(state) + " · ";
  const bool has_room = column + ui::columns_of(all) <= line.columns();
  for (const char* state : kStates) {
    const bool is_it = state == present;
    if (!is_it && !has_room) continue;
    if (is_it) {
      column = line.put(0, column, "[" + state_name(state) + "]", role);
    } else {
      column = line.put(0, column, state_name(state), Role::Dim);
    }
    if (has_room && state != kStates.back()) column = line.put(0, column, " · ", Role::Dim);
  }
}

void StatusScreen::view(const Model& model, ui::Canvas canvas) const {
  const std::vector<Row> shown = rows(model);
  int labels = 10;
  for (const Row& row : shown)
    if (row.rate == nullptr && !row.is_head) labels = std::max(labels, ui::columns_of(row.label));
  list().view(canvas, static_cast<int>(shown.size()), [&](ui::Canvas line, int item) {
    const Row& row = shown[static_cast<std::size_t>(item)];
    if (row.rate != nullptr || row.is_head) return draw_rates(line, row);
    line.put(0, 1, row.label, Role::Label);
    if (row.is_state) return draw_state(line, labels + 3, row.text);
    line.put(0, labels + 3, row.text, row.role);
  });
}

}  // namespace

std::unique_ptr<app::Screen> make_status() { return std::make_unique<StatusScreen>(); }

}  // namespace vuurmuur::screens
