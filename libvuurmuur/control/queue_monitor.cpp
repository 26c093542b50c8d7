// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/queue_monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace vuurmuur::control {
namespace {

using What = QueueEvent::What;

std::string rules_text(const QueueRow& row) {
  if (row.rules.size() == 1) return row.rules.front()->rule;
  return fmt::format("{} and {} other rule{}", row.rules.front()->rule, row.rules.size() - 1,
                     row.rules.size() == 2 ? "" : "s");
}

/// What is said of one queue, without its number, so that those of several can be compared.
std::string say_unattended(const QueueRow& row) {
  return fmt::format("nobody listens, what is sent there {} ({})",
                     row.passes_unattended() ? "passes without inspection" : "is dropped", rules_text(row));
}

}  // namespace

std::string_view to_string(What what) {
  switch (what) {
    case What::Unattended: return "queue unattended";
    case What::Attended: return "queue attended";
    case What::Replaced: return "queue replaced";
    case What::Dropping: return "queue dropping";
    case What::Stuck: return "queue stuck";
    case What::Well: return "queue well";
    case What::LeftOut: return "queue left out";
    case What::TakenIn: return "queue taken in";
    case What::Was: return "queue was unattended";
  }
  return "";
}

/// Of a queue that somebody listened to at the last look, and now.
std::optional<std::pair<What, std::string>> QueueMonitor::follow(Known& known, const apply::QueueStatistics& queue,
                                                                 std::int64_t now) {
  const apply::QueueStatistics before = std::exchange(known.last, queue);
  const auto event = [](What what, std::string detail) { return std::pair(what, std::move(detail)); };
  // The number of packets goes around at 2^32; one that is behind began anew.
  const bool is_behind = static_cast<std::int32_t>(queue.last_id - before.last_id) < 0;
  if (queue.port_id != before.port_id || is_behind) {
    known = {.health = QueueHealth::Well, .last = queue, .last_verdict = now};
    return event(What::Replaced,
                 fmt::format("another program listens (port id {}), what waited was dropped", queue.port_id));
  }
  const std::uint32_t dropped = queue.dropped - before.dropped, user_dropped = queue.user_dropped - before.user_dropped;
  // A packet that found the queue full has no ID; one that found the socket full has.
  const std::uint32_t verdicts = queue.last_id - before.last_id - user_dropped - (queue.waiting - before.waiting);
  if (queue.waiting == 0 || before.waiting == 0 || verdicts != 0) known.last_verdict = now;
  if (dropped != 0 || user_dropped != 0) known.last_drop = now;
  known.dropped += dropped;
  known.user_dropped += user_dropped;

  QueueHealth health = QueueHealth::Well;
  if (now - known.last_verdict >= kPatience.count())
    health = QueueHealth::Stuck;
  else if (dropped != 0 || user_dropped != 0 ||
           (known.health != QueueHealth::Well && known.last_drop != 0 && now - known.last_drop < kCalm.count()))
    health = QueueHealth::Dropping;
  if (std::exchange(known.health, health) == health) return std::nullopt;
  switch (health) {
    case QueueHealth::Stuck:
      return event(What::Stuck, fmt::format("{} packets wait, and no verdict came for {} s", queue.waiting,
                                            (now - known.last_verdict) / 1'000'000'000));
    case QueueHealth::Dropping:
      return event(What::Dropping, dropped >= user_dropped ? "packets are dropped: the queue is full"
                                                           : "packets are dropped: the socket of its program is full");
    case QueueHealth::Unattended:
    case QueueHealth::Well: break;
  }
  const std::uint64_t all = std::exchange(known.dropped, 0) + std::exchange(known.user_dropped, 0);
  return event(What::Well, all == 0 ? "goes on" : fmt::format("goes on, {} packets were dropped", all));
}

bool QueueMonitor::was_unattended(std::uint32_t queue) const {
  const auto range = std::ranges::lower_bound(unattended_, queue, {}, &Range::last);
  return range != unattended_.end() && range->first <= queue;
}

std::vector<QueueEvent> QueueMonitor::look(std::span<const QueueRow> rows, std::int64_t now) {
  std::vector<QueueEvent> events;
  const auto add = [&](What what, std::uint32_t first, std::uint32_t last, const std::string& detail) {
    if (!events.empty() && events.back().what == what && events.back().detail == detail &&
        events.back().last + 1U == first)
      events.back().last = static_cast<std::uint16_t>(last);
    else
      events.push_back({.what = what,
                        .first = static_cast<std::uint16_t>(first),
                        .last = static_cast<std::uint16_t>(last),
                        .detail = detail});
  };
  std::map<std::uint16_t, Known> known;
  std::vector<Range> unattended;
  for (const QueueRow& row : rows) {
    if (row.rules.empty()) continue;
    if (row.consumer) {
      const auto before = known_.find(row.first);
      Known& now_known =
          known.emplace_hint(known.end(), row.first, before == known_.end() ? Known{} : before->second)->second;
      if (before == known_.end()) {
        now_known = {.health = QueueHealth::Well, .last = *row.consumer, .last_verdict = now};
        if (was_unattended(row.first))
          add(What::Attended, row.first, row.last,
              fmt::format("a program listens (port id {})", row.consumer->port_id));
      } else if (const auto event = follow(now_known, *row.consumer, now)) {
        add(event->first, row.first, row.last, event->second);
      }
      continue;
    }
    // What of it was not unattended before.
    std::uint32_t first = row.first;
    auto range = std::ranges::lower_bound(unattended_, first, {}, &Range::last);
    for (; range != unattended_.end() && range->first <= row.last; ++range) {
      if (first < range->first) add(What::Unattended, first, range->first - 1, say_unattended(row));
      first = range->last + 1;
    }
    if (first <= row.last) add(What::Unattended, first, row.last, say_unattended(row));
    if (!unattended.empty() && unattended.back().last + 1 == row.first)
      unattended.back().last = row.last;
    else
      unattended.push_back({row.first, row.last});
  }
  known_ = std::move(known);
  unattended_ = std::move(unattended);
  for (QueueEvent& event : events)
    event.detail = fmt::format("queue{} {}: {}", event.first == event.last ? "" : "s",
                               queue_numbers(event.first, event.last), event.detail);
  return events;
}

QueueHealth QueueMonitor::health(const QueueRow& row) const {
  if (!row.consumer) return QueueHealth::Unattended;
  const auto found = known_.find(row.first);
  return found == known_.end() ? QueueHealth::Well : found->second.health;
}

}  // namespace vuurmuur::control
