// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/traffic_screen.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "screens/list_screen.h"
#include "screens/numbers.h"
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
using ui::Role;
using ui::to_translate;
using ui::tr;

/// Samples of a line: what the widest screen can show.
constexpr std::size_t kMostSamples = 240;

enum class Subject { Interfaces, Zones, Rules };
enum class Order { Rate, Volume, Name };

/// A line: what comes in and goes out; of a rule the first packets of connections, which have no direction.
struct Flow {
  std::string name;
  app::RuleRate in, out;
};

double rate(const Flow& flow) { return flow.in.bytes_per_second + flow.out.bytes_per_second; }
double volume(const Flow& flow) { return static_cast<double>(flow.in.bytes) + static_cast<double>(flow.out.bytes); }

std::vector<Flow> flows_of(const app::Counters& counters, Subject subject, Order order) {
  std::vector<Flow> flows;
  if (subject == Subject::Rules) {
    for (const auto& [rule, rate] : counters.rules) flows.push_back({.name = rule, .in = rate});
  } else {
    for (const app::TwoWayRate& each : subject == Subject::Zones ? counters.zones : counters.interfaces)
      flows.push_back({.name = each.name, .in = each.in, .out = each.out});
  }
  std::ranges::sort(flows, {}, &Flow::name);
  // Stable: what is equal does not change places from sample to sample.
  if (order == Order::Rate) std::ranges::stable_sort(flows, std::greater(), rate);
  if (order == Order::Volume) std::ranges::stable_sort(flows, std::greater(), volume);
  return flows;
}

class Traffic final : public ListScreen {
 public:
  [[nodiscard]] std::string title() const override {
    switch (subject_) {
      case Subject::Interfaces: return tr("Traffic of interfaces");
      case Subject::Zones: return tr("Traffic of zones");
      case Subject::Rules: return tr("Traffic of rules");
    }
    return {};
  }
  [[nodiscard]] app::Streams streams() const override { return {.counters = true}; }

  [[nodiscard]] std::vector<std::span<const Binding>> bindings() const override {
    static constexpr std::array kRows{
        Binding{.id = "traffic.next",
                .keys = "Tab Right l",
                .label = to_translate("next"),
                .help = to_translate("interfaces, zones or rules"),
                .act = call<&Traffic::next>},
        Binding{.id = "traffic.previous",
                .keys = "Shift-Tab Left h",
                .label = "",
                .help = to_translate("the same the other way round"),
                .act = call<&Traffic::previous>},
        Binding{.id = "traffic.order",
                .keys = "s",
                .label = to_translate("order"),
                .help = to_translate("order by rate, by volume or by name"),
                .act = call<&Traffic::order>},
        Binding{.id = "traffic.pause",
                .keys = "p Space",
                .label = to_translate("pause"),
                .help = to_translate("hold the figures still, or go on"),
                .act = call<&Traffic::pause>},
    };
    return {kRows, navigation()};
  }

  void next(Context& context) { turn(1, context); }
  void previous(Context& context) { turn(2, context); }
  void order(Context& context) {
    order_ = static_cast<Order>((static_cast<int>(order_) + 1) % 3);
    constexpr std::array kOrders{to_translate("by rate"), to_translate("by volume"), to_translate("by name")};
    context.say(tr(kOrders[static_cast<std::size_t>(order_)]));
  }
  void pause(Context& context) {
    if (held_) {
      held_.reset();
    } else {
      held_ = context.model().daemon.counters;
    }
    context.say(held_ ? tr("held still") : tr("live again"));
  }

  void update(const app::Event& event, Context& context) override {
    if (const auto* sampled = std::get_if<app::CountersSampled>(&event)) note(sampled->counters);
    ListScreen::update(event, context);
  }

  void view(const Model& model, ui::Canvas canvas) const override;

 private:
  [[nodiscard]] const app::Counters& shown(const Model& model) const { return held_ ? *held_ : model.daemon.counters; }
  [[nodiscard]] int count(const Model& model) const override {
    return static_cast<int>(flows_of(shown(model), subject_, Order::Name).size());
  }
  void turn(int by, Context& context) {
    subject_ = static_cast<Subject>((static_cast<int>(subject_) + by) % 3);
    select(0, context);
  }

  void note(const app::Counters& counters) {
    if (counters.seconds <= 0) return;
    for (const Subject subject : {Subject::Interfaces, Subject::Zones, Subject::Rules}) {
      for (const Flow& flow : flows_of(counters, subject, Order::Name)) {
        auto& samples = past_[{subject, flow.name}];
        samples.push_back(rate(flow));
        if (samples.size() > kMostSamples) samples.pop_front();
      }
    }
  }

  Subject subject_ = Subject::Interfaces;
  Order order_ = Order::Rate;
  std::optional<app::Counters> held_;
  std::map<std::pair<Subject, std::string>, std::deque<double>> past_;
};

void Traffic::view(const Model& model, ui::Canvas canvas) const {
  const std::vector<Flow> flows = flows_of(shown(model), subject_, order_);
  if (flows.empty()) {
    const auto why = app::why_not_daemon(model);
    canvas.put_centred(canvas.rows() / 2, why ? *why : std::string(tr("nothing was counted yet")), Role::Dim);
    return;
  }
  const bool has_ways = subject_ != Subject::Rules;
  int names = 8;
  for (const Flow& flow : flows) names = std::max(names, ui::columns_of(flow.name));
  const bool is_zone = subject_ == Subject::Zones;
  const std::array table{
      ui::Column{.head = has_ways ? to_translate("Name") : to_translate("Rule"),
                 .least = std::min(names, has_ways ? 20 : 36),
                 .most = names},
      ui::Column{.head = is_zone    ? to_translate("from B/s")
                         : has_ways ? to_translate("in B/s")
                                    : "B/s",
                 .least = 8,
                 .most = 8,
                 .is_right = true},
      ui::Column{.head = is_zone ? to_translate("to B/s") : to_translate("out B/s"),
                 .least = has_ways ? 8 : 0,
                 .most = has_ways ? 8 : 0,
                 .is_right = true},
      ui::Column{.head = is_zone    ? to_translate("from B")
                         : has_ways ? to_translate("in B")
                                    : "B",
                 .least = 6,
                 .most = 6,
                 .rank = 2,
                 .is_right = true},
      ui::Column{.head = is_zone ? to_translate("to B") : to_translate("out B"),
                 .least = has_ways ? 6 : 0,
                 .most = has_ways ? 6 : 0,
                 .rank = 2,
                 .is_right = true},
      ui::Column{.head = to_translate("packets"), .least = 7, .most = 7, .rank = 3, .is_right = true},
      ui::Column{.head = to_translate("lately"), .least = 10, .most = 120, .rank = 1},
  };
  const auto slots = ui::share_out(table, canvas.columns() - 2);
  const auto put = [&](ui::Canvas row, std::size_t at, const std::string& text, Role role) {
    if (slots[at].columns == 0) return;
    if (table[at].is_right) {
      row.put_right(0, slots[at].column + slots[at].columns, text, role);
    } else {
      row.put_cut(0, slots[at].column, slots[at].columns, text, role);
    }
  };
  for (std::size_t at = 0; at < table.size(); ++at) put(canvas, at, tr(table[at].head), Role::Heading);
  list().view(canvas.rows_from(1), static_cast<int>(flows.size()), [&](ui::Canvas row, int item) {
    const Flow& flow = flows[static_cast<std::size_t>(item)];
    const auto number = [&](std::size_t at, double value) {
      put(row, at, value > 0 ? short_number(value) : "-", value > 0 ? Role::Normal : Role::Dim);
    };
    put(row, 0, flow.name, Role::Normal);
    number(1, flow.in.bytes_per_second);
    number(2, flow.out.bytes_per_second);
    number(3, static_cast<double>(flow.in.bytes));
    number(4, static_cast<double>(flow.out.bytes));
    number(5, static_cast<double>(flow.in.packets) + static_cast<double>(flow.out.packets));
    const auto past = past_.find({subject_, flow.name});
    if (past == past_.end()) return;
    const std::vector<double> samples(past->second.begin(), past->second.end());
    put(row, 6, ui::sparkline(samples, slots[6].columns), Role::Good);
  });
}

}  // namespace

std::unique_ptr<app::Screen> make_traffic() { return std::make_unique<Traffic>(); }

}  // namespace vuurmuur::screens
