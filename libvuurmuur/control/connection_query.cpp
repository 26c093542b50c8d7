// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <unordered_map>

#include "control/connection_rules.h"

namespace vuurmuur::control {
namespace {

using apply::TrackedConnection;

constexpr std::array<std::string_view, 8> kOrders{"none", "bytes",  "packets",     "age",
                                                  "left", "source", "destination", "service"};
constexpr std::array<std::string_view, 7> kGroupings{"none",    "source", "destination", "zone",
                                                     "service", "rule",   "queue"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  return found == words.end() ? std::nullopt : std::optional(static_cast<Enum>(found - words.begin()));
}

/// So many connections wait until the kernel is asked for their routes, all at once.
constexpr std::size_t kBatch = 1024;

/// Looks at the table and hands on what the filter lets through, by batches when rules are to be found.
class Reading {
 public:
  using Take = std::function<bool(const NamedConnection&)>;

  Reading(apply::Kernel& kernel, const InForce& in_force, const ConnectionQuery& query)
      : kernel_(kernel),
        query_(query),
        marks_(in_force.marks),
        namer_(in_force.names, marks_),
        asked_(query.filter.asks_for()) {}

  /// With rules, which live as long as this does. Before run().
  base::Result<void> find_rules(const InForce& in_force) {
    auto rules = ConnectionRules::create(kernel_, in_force);
    if (!rules) return std::unexpected(std::move(rules.error()).within("find the rules of connections"));
    rules_ = std::move(*rules);
    return {};
  }

  base::Result<ConnectionCount> run(const Take& take) {
    take_ = &take;
    const auto visit = [&](const TrackedConnection& tracked) { return look_at(tracked); };
    VM_TRY_VOID(kernel_.list_connections(selection_for(query_, marks_), visit));
    if (!is_stopped_) judge_batch();
    VM_TRY_VOID(failure_);
    return count_;
  }

  [[nodiscard]] ConnectionNamer& namer() { return namer_; }

 private:
  bool look_at(const TrackedConnection& tracked) {
    ++count_.seen;
    if (query_.family && tracked.connection.family() != *query_.family) return true;
    if (rules_ == nullptr) {
      consider(tracked, {});
    } else {
      batch_.push_back(tracked);
      if (batch_.size() >= kBatch) judge_batch();
    }
    return !is_stopped_;
  }

  void judge_batch() {
    if (batch_.empty()) return;
    const auto rules = rules_->of(batch_);
    if (!rules) {
      failure_ = std::unexpected(rules.error());
      is_stopped_ = true;
      return;
    }
    for (std::size_t i = 0; i < batch_.size() && !is_stopped_; ++i) consider(batch_[i], (*rules)[i]);
    batch_.clear();
  }

  void consider(const TrackedConnection& tracked, const RuleText& rule) {
    if (!query_.filter.is_empty() && !query_.filter.lets_through(name(tracked, asked_, rule).subject())) return;
    ++count_.matched;
    is_stopped_ = !(*take_)(name(tracked, ConnectionNamer::kAll, rule));
  }

  [[nodiscard]] NamedConnection name(const TrackedConnection& tracked, const filter::Needs& needs,
                                     const RuleText& rule) {
    NamedConnection named = namer_.of(tracked, needs);
    named.rule = rule.rule;
    named.place = rule.place;
    return named;
  }

  apply::Kernel& kernel_;
  const ConnectionQuery& query_;
  const ir::MarkLayout& marks_;
  ConnectionNamer namer_;
  filter::Needs asked_;
  const Take* take_ = nullptr;
  std::unique_ptr<ConnectionRules> rules_;
  std::vector<TrackedConnection> batch_;
  base::Result<void> failure_;
  ConnectionCount count_;
  bool is_stopped_ = false;
};

/// A connection that is kept, with what puts it in order.
struct Kept {
  TrackedConnection tracked;
  RuleText rule;
  std::uint64_t number = 0;  ///< the largest first
  std::string text{};        ///< from A on

  [[nodiscard]] bool is_before(const Kept& other) const {
    if (number != other.number) return number > other.number;
    if (text != other.text) return text < other.text;
    return tracked.connection.original < other.tracked.connection.original;
  }
};

/// Names before addresses, addresses by their bytes.
std::string key_of(const filter::End& end) {
  if (!end.name.empty()) return "0" + std::string(end.name);
  const std::size_t size = net::address_bits(end.address.family) / 8;
  return (size == 4 ? "1" : "2") +
         std::string(end.address.bytes.begin(), end.address.bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

Kept kept_of(const NamedConnection& named, ConnectionOrder order) {
  const TrackedConnection& tracked = *named.tracked;
  Kept kept{.tracked = tracked, .rule = {named.rule, named.place}};
  switch (order) {
    case ConnectionOrder::None: break;
    case ConnectionOrder::Bytes: kept.number = tracked.to.bytes + tracked.back.bytes; break;
    case ConnectionOrder::Packets: kept.number = tracked.to.packets + tracked.back.packets; break;
    // The oldest first; those whose age is not known last.
    case ConnectionOrder::Age: kept.number = tracked.began ? ~*tracked.began : 0; break;
    case ConnectionOrder::Left: kept.number = tracked.seconds_left; break;
    case ConnectionOrder::Source: kept.text = key_of(named.source()); break;
    case ConnectionOrder::Destination: kept.text = key_of(named.destination()); break;
    case ConnectionOrder::Service: kept.text = service_text(named); break;
  }
  return kept;
}

bool is_before(const Kept& one, const Kept& other) { return one.is_before(other); }

/// The first ones of all that were added, in a heap with the last of them on top.
class FirstOnes {
 public:
  explicit FirstOnes(std::optional<std::size_t> limit) : limit_(limit) {}

  void add(Kept kept) {
    if (limit_ && kept_.size() == *limit_) {
      if (*limit_ == 0 || !kept.is_before(kept_.front())) return;
      std::ranges::pop_heap(kept_, is_before);
      kept_.pop_back();
    }
    kept_.push_back(std::move(kept));
    if (limit_) std::ranges::push_heap(kept_, is_before);
  }

  [[nodiscard]] std::vector<Kept> take() {
    std::ranges::sort(kept_, is_before);
    return std::move(kept_);
  }

 private:
  std::optional<std::size_t> limit_;
  std::vector<Kept> kept_;
};

std::string_view zone_of(const filter::End& end) { return end.zone.empty() ? std::string_view("?") : end.zone; }

std::string group_of(const NamedConnection& named, ConnectionGrouping grouping) {
  const auto without_port = [](filter::End end) {
    end.port.reset();
    return text_of(end);
  };
  switch (grouping) {
    case ConnectionGrouping::None: break;
    case ConnectionGrouping::Source: return without_port(named.source());
    case ConnectionGrouping::Destination: return without_port(named.destination());
    case ConnectionGrouping::Zone: return fmt::format("{} > {}", zone_of(named.source()), zone_of(named.destination()));
    case ConnectionGrouping::Service:
      // Ports of clients would make a group of each.
      if (const auto port = named.destination().port; named.service.empty() && port)
        return fmt::format("{}({})", *port, net::to_string(named.tracked->connection.original.protocol));
      return service_text(named);
    case ConnectionGrouping::Rule: return std::string(named.rule);
    case ConnectionGrouping::Queue: return field_text(named.field);
  }
  return "";
}

void add(apply::Traffic& sum, const apply::Traffic& more) {
  sum.packets += more.packets;
  sum.bytes += more.bytes;
}

}  // namespace

std::span<const std::string_view> connection_orders() { return kOrders; }
std::optional<ConnectionOrder> connection_order_named(std::string_view word) {
  return named<ConnectionOrder>(kOrders, word);
}
std::span<const std::string_view> connection_groupings() { return kGroupings; }
std::optional<ConnectionGrouping> connection_grouping_named(std::string_view word) {
  return named<ConnectionGrouping>(kGroupings, word);
}

bool ConnectionQuery::needs_rules() const {
  return rules || grouping == ConnectionGrouping::Rule || filter.asks_for().rule;
}

apply::ConnectionSelection selection_for(const ConnectionQuery& query, const ir::MarkLayout& marks) {
  apply::ConnectionSelection selection{.family = query.family};
  for (const filter::Term& term : query.filter.terms()) {
    if (term.is_negated || term.values.size() != 1) continue;
    if (const auto* mark = std::get_if<filter::MarkValue>(&term.values.front().what);
        mark != nullptr && mark->mask != 0)
      selection.mark = {.value = mark->value, .mask = mark->mask};
    const auto* range = std::get_if<filter::Range>(&term.values.front().what);
    if (range == nullptr) continue;
    if (term.key == filter::Key::Family) selection.family = range->first == 4 ? net::Family::Ipv4 : net::Family::Ipv6;
    if (term.key != filter::Key::Queue && term.key != filter::Key::LogGroup) continue;
    const auto kind = term.key == filter::Key::Queue ? ir::MarkKind::Queued : ir::MarkKind::Logged;
    const auto number = static_cast<std::uint16_t>(range->first);
    // Of a range all of its kind.
    if (range->first == range->last && marks.fits(number))
      selection.mark = {.value = marks.encode({kind, number}), .mask = marks.mask()};
    else
      selection.mark = {.value = marks.encode(kind), .mask = marks.kind_mask()};
  }
  // A wish and a term that do not agree: nothing passes both, and the kernel can be asked either.
  if (query.family) selection.family = query.family;
  return selection;
}

base::Result<ConnectionCount> query_connections(apply::Kernel& kernel, const InForce& in_force,
                                                const ConnectionQuery& query,
                                                const std::function<bool(const NamedConnection&)>& take) {
  Reading reading(kernel, in_force, query);
  if (query.needs_rules()) VM_TRY_VOID(reading.find_rules(in_force));
  if (query.order == ConnectionOrder::None) {
    std::size_t taken = 0;
    return reading.run([&](const NamedConnection& named) {
      if (query.limit && taken == *query.limit) return true;
      ++taken;
      return take(named);
    });
  }
  FirstOnes first(query.limit);
  const auto count = VM_TRY(reading.run([&](const NamedConnection& named) {
    first.add(kept_of(named, query.order));
    return true;
  }));
  for (const Kept& kept : first.take()) {
    NamedConnection named = reading.namer().of(kept.tracked);
    named.rule = kept.rule.rule;
    named.place = kept.rule.place;
    if (!take(named)) break;
  }
  return count;
}

base::Result<std::vector<ConnectionGroup>> group_connections(apply::Kernel& kernel, const InForce& in_force,
                                                             const ConnectionQuery& query, ConnectionCount& count) {
  Reading reading(kernel, in_force, query);
  if (query.needs_rules()) VM_TRY_VOID(reading.find_rules(in_force));
  std::unordered_map<std::string, ConnectionGroup> by_name;
  count = VM_TRY(reading.run([&](const NamedConnection& named) {
    ConnectionGroup& group = by_name[group_of(named, query.grouping)];
    ++group.connections;
    add(group.to, named.tracked->to);
    add(group.back, named.tracked->back);
    return true;
  }));
  std::vector<ConnectionGroup> groups;
  groups.reserve(by_name.size());
  for (auto& [name, group] : by_name) {
    group.name = name;
    groups.push_back(std::move(group));
  }
  std::ranges::sort(groups, [](const ConnectionGroup& a, const ConnectionGroup& b) {
    return std::tuple(b.bytes(), b.connections, std::string_view(a.name)) <
           std::tuple(a.bytes(), a.connections, std::string_view(b.name));
  });
  if (query.limit && groups.size() > *query.limit) groups.resize(*query.limit);
  return groups;
}

}  // namespace vuurmuur::control
