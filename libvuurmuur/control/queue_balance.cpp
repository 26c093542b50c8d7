// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/queue_balance.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace vuurmuur::control {

/// What is served, and who has come and gone.
void QueueBalance::remember(std::span<const QueueRow> rows, const QueueMonitor& monitor, std::int64_t now) {
  std::set<std::uint16_t> served;
  for (const QueueRow& row : rows)
    if (!row.rules.empty() && control::is_served(monitor.health(row))) served.insert(row.first);
  for (auto each = seen_.begin(); each != seen_.end();) {
    Seen& seen = each->second;
    const bool is_served = served.contains(each->first);
    if (seen.is_served && !is_served) {
      // Of those that were there at the first look it is not known since when.
      seen.is_unsteady = seen.since != 0 && now - seen.since < kSteady.count();
      seen.is_served = false;
      seen.since = now;
    }
    if (seen.is_served && now - seen.since >= kSteady.count()) seen.is_unsteady = false;
    const bool is_forgotten = !is_served && now - seen.since >= kSteady.count();
    each = is_forgotten ? seen_.erase(each) : std::next(each);
  }
  for (const std::uint16_t number : served) {
    Seen& seen = seen_[number];
    if (seen.is_served) continue;
    seen.is_served = true;
    seen.since = has_looked_ ? now : 0;
  }
  has_looked_ = true;
}

std::vector<std::uint16_t> QueueBalance::look(std::span<const QueueRow> rows, const QueueMonitor& monitor,
                                              std::int64_t now) {
  remember(rows, monitor, now);
  // Queues that are to get connections, and that could, by the rule.
  std::set<std::uint16_t> left_out;
  std::map<const QueueRule*, std::vector<const QueueRow*>> of_rule;
  for (const QueueRow& row : rows)
    for (const QueueRule* rule : row.rules)
      if (rule->range.first != rule->range.last) of_rule[rule].push_back(&row);
  for (const auto& [rule, its] : of_rule) {
    const auto is_served = [&](const QueueRow* row) { return control::is_served(monitor.health(*row)); };
    const auto is_steady = [&](const QueueRow* row) { return is_served(row) && !seen_.at(row->first).is_unsteady; };
    const bool has_steady = std::ranges::any_of(its, is_steady);
    if (!has_steady && std::ranges::none_of(its, is_served)) continue;
    for (const QueueRow* row : its) {
      if (has_steady ? is_steady(row) : is_served(row)) continue;
      for (std::uint32_t number = row->first; number <= row->last; ++number)
        left_out.insert(static_cast<std::uint16_t>(number));
    }
  }
  return {left_out.begin(), left_out.end()};
}

std::vector<QueueEvent> balance_events(std::span<const std::uint16_t> before, std::span<const std::uint16_t> now) {
  std::vector<QueueEvent> events;
  const auto tell = [&](QueueEvent::What what, std::span<const std::uint16_t> with, std::span<const std::uint16_t> of,
                        std::string_view detail) {
    std::vector<std::uint16_t> queues;
    std::ranges::set_difference(with, of, std::back_inserter(queues));
    const std::size_t begin = events.size();
    for (const std::uint16_t queue : queues) {
      if (events.size() > begin && events.back().last + 1U == queue)
        events.back().last = queue;
      else
        events.push_back({.what = what, .first = queue, .last = queue, .detail = std::string(detail)});
    }
  };
  tell(QueueEvent::What::LeftOut, now, before,
       "connections go to the other queues of their rules, where somebody listens");
  tell(QueueEvent::What::TakenIn, before, now, "gets connections again");
  for (QueueEvent& event : events)
    event.detail = fmt::format("queue{} {}: {}", event.first == event.last ? "" : "s",
                               queue_numbers(event.first, event.last), event.detail);
  return events;
}

}  // namespace vuurmuur::control
