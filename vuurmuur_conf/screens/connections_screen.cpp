// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/connections_screen.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "screens/block_for_time.h"
#include "screens/confirm.h"
#include "screens/connection_text.h"
#include "screens/filter_prompt.h"
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
using app::LiveConnection;
using app::Model;
using app::Needs;
using app::Why;
using ui::fill;
using ui::Role;
using ui::to_translate;
using ui::tr;

/// A word of the daemon's and what it is called.
struct Word {
  const char* word;
  const char* label;
};

/// Rates are not the daemon's: the busiest of those that have taken most.
constexpr std::array kOrders{Word{"bytes", to_translate("by bytes")},
                             Word{"rate", to_translate("by rate")},
                             Word{"packets", to_translate("by packets")},
                             Word{"age", to_translate("by age")},
                             Word{"service", to_translate("by service")},
                             Word{"source", to_translate("by source")},
                             Word{"destination", to_translate("by destination")}};
constexpr std::array kGroups{Word{"none", to_translate("not grouped")},
                             Word{"source", to_translate("by source")},
                             Word{"destination", to_translate("by destination")},
                             Word{"zone", to_translate("by zone")},
                             Word{"service", to_translate("by service")},
                             Word{"rule", to_translate("by rule")},
                             Word{"queue", to_translate("by queue")}};

/// What the details are wrapped at.
constexpr int kDetailColumns = 76;

enum At : std::size_t { kService, kFrom, kTo, kRate, kBytes, kAge, kState, kMark, kRule };
enum GroupAt : std::size_t { kGroup, kConnections, kGroupPackets, kGroupBytes };

constexpr std::array kTable{
    ui::Column{.head = to_translate("Service"), .least = 8, .most = 20},
    ui::Column{.head = to_translate("From"), .least = 15, .most = 39},
    ui::Column{.head = to_translate("To"), .least = 15, .most = 39},
    ui::Column{.head = "B/s", .least = 5, .most = 5, .is_right = true},
    ui::Column{.head = "B", .least = 5, .most = 5, .is_right = true},
    ui::Column{.head = to_translate("Age"), .least = 6, .most = 6, .rank = 1, .is_right = true},
    ui::Column{.head = to_translate("State"), .least = 6, .most = 12, .rank = 2},
    ui::Column{.head = to_translate("Mark"), .least = 9, .most = 16, .rank = 3},
    ui::Column{.head = to_translate("Rule"), .least = 18, .most = 60, .rank = 4},
};
constexpr std::array kGroupTable{
    ui::Column{.head = to_translate("Group"), .least = 20, .most = 80},
    ui::Column{.head = to_translate("connections"), .least = 11, .most = 12, .is_right = true},
    ui::Column{.head = to_translate("packets"), .least = 7, .most = 9, .rank = 1, .is_right = true},
    ui::Column{.head = "B", .least = 5, .most = 8, .is_right = true},
};

std::int64_t bytes_of(const LiveConnection& connection) { return connection.bytes + connection.bytes_back; }

class Connections final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override {
    std::string title = tr("Connections");
    if (group_ != 0) title += std::string(" ") + tr(kGroups[group_].label);
    return filter_.empty() ? title : title + " /" + filter_;
  }
  [[nodiscard]] app::Streams streams() const override {
    const char* order = kOrders[order_].word;
    return {.connections = app::ConnectionsWish{.filter = filter_,
                                                .order = std::string_view(order) == "rate" ? "bytes" : order,
                                                .group_by = kGroups[group_].word}};
  }
  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override;
  void update(const app::Event& event, Context& context) override;
  void view(const Model& model, ui::Canvas canvas) const override;

  // Actions.
  void details(Context& context) {
    if (group_ == 0)
      context.push(make_reader(tr("Connection"),
                               wrapped(connection_details(*connection(), context.model().time), kDetailColumns)));
    else
      open_group(context);
  }
  void order(Context& context) {
    order_ = (order_ + 1) % kOrders.size();
    sort();
    context.say(tr(kOrders[order_].label));
  }
  void group(Context& context) {
    group_ = (group_ + 1) % kGroups.size();
    sample_ = {};
    select(0, context);
    context.say(tr(kGroups[group_].label));
  }
  void pause(Context& context) {
    is_held_ = !is_held_;
    context.say(is_held_ ? tr("held still") : tr("live again"));
  }
  void ask_filter(Context& context) {
    context.push(make_filter_prompt(filter::Of::Connections, filter_,
                                    [this](Context& then, const std::string& text) { filter_by(text, then); }));
  }
  void clear_filter(Context& context) { filter_by("", context); }
  void kill(Context& context) { ask_kill(filter_of(*connection()), flow_text(*connection()), context); }
  void kill_all(Context& context) {
    ask_kill(filter_,
             fill(ui::tr_count("{} connection, all that fit the filter", "{} connections, all that fit the filter",
                               static_cast<long>(sample_.matched)),
                  sample_.matched),
             context);
  }
  void block(Context& context) {
    context.push(
        make_block_for_time(connection()->source.address, [this](Context&, app::RequestId asked) { asked_ = asked; }));
  }
  void go_to_rule(Context& context) { context.push(make_rules(*rule_number(connection()->rule))); }

  // Why not.
  [[nodiscard]] Why why_nothing(const Model& model) const {
    return count(model) == 0 ? Why(tr("nothing is selected")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_connection(const Model& model) const {
    if (group_ != 0) return tr("that is a group: Enter shows its connections");
    return why_nothing(model);
  }
  [[nodiscard]] Why why_no_rule(const Model& model) const {
    if (auto why = why_no_connection(model)) return why;
    const auto number = rule_number(connection()->rule);
    if (!number) return tr("no rule of the policy admits it now");
    return *number > model.workspace.policy().rules.size() ? Why(tr("that rule is not there any more")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_filter(const Model&) const {
    return filter_.empty() ? Why(tr("without a filter that would be all connections: / sets one")) : std::nullopt;
  }
  [[nodiscard]] Why why_no_clear(const Model&) const {
    return filter_.empty() ? Why(tr("there is no filter")) : std::nullopt;
  }

 private:
  [[nodiscard]] int count(const Model&) const override {
    return static_cast<int>(group_ == 0 ? sample_.connections.size() : sample_.groups.size());
  }
  void open(Context& context) override {
    if (count(context.model()) > 0) details(context);
  }
  [[nodiscard]] const LiveConnection* connection() const {
    if (sample_.connections.empty()) return nullptr;
    return &sample_.connections[std::min(static_cast<std::size_t>(selected()), sample_.connections.size() - 1)];
  }
  void open_group(Context& context);
  void filter_by(const std::string& text, Context& context) {
    filter_ = text;
    select(0, context);
  }
  void ask_kill(const std::string& filter, const std::string& what, Context& context);
  void take(const app::ConnectionSample& sample, Context& context);
  void sort();
  [[nodiscard]] double rate(const LiveConnection& connection) const {
    const auto found = rates_.find(connection.id);
    return found == rates_.end() ? 0 : found->second;
  }

  app::ConnectionSample sample_;
  std::unordered_map<std::int64_t, double> rates_;         ///< bytes a second by the connection's id
  std::unordered_map<std::int64_t, std::int64_t> before_;  ///< bytes in the sample before
  std::int64_t sampled_ = 0;                               ///< when, on the model's clock
  std::size_t order_ = 0, group_ = 0;
  std::string filter_;
  bool is_held_ = false, is_there_ = false;
  std::string ended_;  ///< why nothing comes any more
  app::RequestId asked_{};
};

std::vector<std::span<const Binding>> Connections::bindings() const {
  static constexpr std::array kRows{
      Binding{.id = "connections.details",
              .keys = "Enter",
              .label = to_translate("details"),
              .help = to_translate("all that is known of the connection, or the connections of the group"),
              .act = call<&Connections::details>,
              .why_not = ask<&Connections::why_nothing>},
      Binding{.id = "connections.order",
              .keys = "s",
              .label = to_translate("order"),
              .help = to_translate("order by bytes, rate, packets, age, service or end"),
              .act = call<&Connections::order>},
      Binding{.id = "connections.group",
              .keys = "Tab",
              .label = to_translate("group"),
              .help = to_translate("put together what has the same source, destination, zone, service, rule or queue"),
              .act = call<&Connections::group>},
      Binding{.id = "connections.filter",
              .keys = "/ f",
              .label = to_translate("filter"),
              .help = to_translate("show only what fits: src:lan port:443 queue:7 bytes:>1M"),
              .act = call<&Connections::ask_filter>},
      Binding{.id = "connections.kill",
              .keys = "K Del",
              .label = to_translate("kill"),
              .help = to_translate("end this connection"),
              .needs = Needs::Daemon,
              .act = call<&Connections::kill>,
              .why_not = ask<&Connections::why_no_connection>},
      Binding{.id = "connections.kill-all",
              .keys = "X",
              .label = to_translate("kill all"),
              .help = to_translate("end all connections that fit the filter"),
              .needs = Needs::Daemon,
              .act = call<&Connections::kill_all>,
              .why_not = ask<&Connections::why_no_filter>},
      Binding{.id = "connections.block",
              .keys = "b",
              .label = to_translate("block"),
              .help = to_translate("block who opened it at once, for a time"),
              .needs = Needs::Daemon,
              .act = call<&Connections::block>,
              .why_not = ask<&Connections::why_no_connection>},
      Binding{.id = "connections.rule",
              .keys = "r",
              .label = to_translate("rule"),
              .help = to_translate("go to the rule that admits it now"),
              .act = call<&Connections::go_to_rule>,
              .why_not = ask<&Connections::why_no_rule>},
      Binding{.id = "connections.pause",
              .keys = "p Space",
              .label = to_translate("pause"),
              .help = to_translate("hold the list still, or go on"),
              .act = call<&Connections::pause>},
      Binding{.id = "connections.clear-filter",
              .keys = "\\",
              .label = "",
              .help = to_translate("show all again"),
              .act = call<&Connections::clear_filter>,
              .why_not = ask<&Connections::why_no_clear>},
  };
  return {kRows, navigation()};
}

void Connections::update(const app::Event& event, Context& context) {
  if (const auto* sampled = std::get_if<app::ConnectionsSampled>(&event)) {
    if (!is_held_) take(sampled->sample, context);
    return;
  }
  if (const auto* ended = std::get_if<app::StreamEnded>(&event);
      ended != nullptr && ended->method == "WatchConnections")
    ended_ = ended->reason;
  if (const auto* changed = std::get_if<app::LinkChanged>(&event); changed != nullptr) ended_.clear();
  if (const auto* reply = std::get_if<app::Reply>(&event);
      reply != nullptr && reply->request == asked_ && asked_ != app::RequestId::None) {
    const ipc::Json& answer = reply->reply.parameters;
    if (!reply->reply.error.empty())
      context.fail(app::why_refused(reply->reply));
    else if (answer.value("own", false) && answer.value("ended", std::int64_t{0}) == 0)
      context.fail(tr("nothing is ended: your own connection is among them"));
    else if (answer.contains("ended"))
      context.say(fill(ui::tr_count("{} connection ended", "{} connections ended", answer.value("ended", 0L)),
                       answer.value("ended", 0L)));
  }
  ListScreen::update(event, context);
}

void Connections::take(const app::ConnectionSample& sample, Context& context) {
  const std::int64_t now = context.model().now;
  const auto passed = static_cast<double>(std::max<std::int64_t>(1, now - sampled_));
  const std::int64_t chosen = connection() == nullptr ? 0 : connection()->id;
  rates_.clear();
  for (const LiveConnection& one : sample.connections)
    if (const auto found = before_.find(one.id); found != before_.end())
      rates_[one.id] = static_cast<double>(std::max<std::int64_t>(0, bytes_of(one) - found->second)) / passed;
  before_.clear();
  for (const LiveConnection& one : sample.connections) before_[one.id] = bytes_of(one);
  sampled_ = now;
  sample_ = sample;
  is_there_ = true;
  ended_.clear();
  sort();
  // Who is looked at stays selected wherever it stands now.
  const auto found = std::ranges::find(sample_.connections, chosen, &LiveConnection::id);
  if (selected() != 0 && found != sample_.connections.end())
    select(static_cast<int>(found - sample_.connections.begin()), context);
  else
    move(0, context);
}

void Connections::sort() {
  if (std::string_view(kOrders[order_].word) == "rate")
    std::ranges::stable_sort(sample_.connections, std::greater(), [this](const auto& one) { return rate(one); });
}

void Connections::open_group(Context& context) {
  const std::string group =
      sample_.groups[std::min(static_cast<std::size_t>(selected()), sample_.groups.size() - 1)].group;
  constexpr std::array kKeys{"", "src:", "dst:", "zone:", "service:", "rule:", ""};
  const std::string key = kKeys[group_];
  if (key.empty()) return context.say(tr("/ filters what you see: queue:7"));
  group_ = 0;
  filter_by((filter_.empty() ? "" : filter_ + " ") + key +
                (group.find(' ') == std::string::npos ? group : "\"" + group + "\""),
            context);
}

void Connections::ask_kill(const std::string& filter, const std::string& what, Context& context) {
  context.push(make_confirm(tr("End this at once?"), {what}, [this, filter](Context& then) {
    ipc::Json wish{{"filter", filter}};
    if (!then.model().own_connection.empty()) wish["own_connection"] = then.model().own_connection;
    asked_ = then.call("KillConnections", std::move(wish));
  }));
}

void Connections::view(const Model& model, ui::Canvas canvas) const {
  const int details = canvas.rows() >= 12 ? 3 : 1;
  const ui::Canvas body = canvas.rows_from(1, canvas.rows() - 1 - details);
  const auto why = app::why_not_daemon(model);
  if (count(model) == 0)
    ui::Canvas(body).put_centred(body.rows() / 2,
                                 why          ? *why
                                 : !is_there_ ? std::string(tr("asking…"))
                                              : std::string(tr("There is no such connection.")),
                                 Role::Dim);
  if (group_ == 0) {
    const Table columns(kTable, canvas);
    columns.draw_heads(canvas);
    list().view(body, count(model), [&](ui::Canvas row, int item) {
      const LiveConnection& one = sample_.connections[static_cast<std::size_t>(item)];
      const double now = rate(one);
      columns.put(row, kService, one.service.empty() ? protocol_name(one.protocol) : one.service);
      columns.put(row, kFrom, end_name(one.source));
      columns.put(row, kTo, end_name(one.destination));
      columns.put(row, kRate, now > 0 ? short_number(now) : "-", now > 0 ? Role::Good : Role::Dim);
      columns.put(row, kBytes, short_number(static_cast<double>(bytes_of(one))));
      columns.put(row, kAge, one.began ? short_time(std::max<std::int64_t>(0, model.time - *one.began)) : "-",
                  Role::Dim);
      columns.put(row, kState, one.state.empty() ? one.progress : one.state, Role::Dim);
      columns.put(row, kMark, mark_text(one), one.kind == "queue" ? Role::Warning : Role::Dim);
      columns.put(row, kRule, one.rule, Role::Dim);
    });
  } else {
    const Table columns(kGroupTable, canvas);
    columns.draw_heads(canvas);
    list().view(body, count(model), [&](ui::Canvas row, int item) {
      const app::ConnectionGroup& group = sample_.groups[static_cast<std::size_t>(item)];
      columns.put(row, kGroup, group.group);
      columns.put(row, kConnections, std::to_string(group.connections));
      columns.put(row, kGroupPackets, short_number(static_cast<double>(group.packets)));
      columns.put(row, kGroupBytes, short_number(static_cast<double>(group.bytes)));
    });
  }
  ui::Canvas foot = canvas.rows_from(canvas.rows() - details);
  if (details > 1) {
    foot.rule(0);
    if (group_ == 0 && connection() != nullptr) foot.put(1, 1, flow_text(*connection()));
  }
  if (!ended_.empty()) return foot.put(details - 1, 1, "! " + ended_, Role::Error), void();
  if (is_there_)
    foot.put(details - 1, 1,
             fill(tr("{} of {} connections{}"), sample_.matched, sample_.seen, is_held_ ? tr(", held still") : ""),
             Role::Dim);
}

}  // namespace

std::unique_ptr<app::Screen> make_connections() { return std::make_unique<Connections>(); }

}  // namespace vuurmuur::screens
