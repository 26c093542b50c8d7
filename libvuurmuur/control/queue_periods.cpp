// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/queue_periods.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace vuurmuur::control {
namespace {

/// A part of a period's queues.
QueuePeriod part_of(const QueuePeriod& whole, std::uint32_t first, std::uint32_t last) {
  QueuePeriod part = whole;
  part.first = static_cast<std::uint16_t>(first);
  part.last = static_cast<std::uint16_t>(last);
  return part;
}

/// Whether the same became of what was sent there.
bool is_alike(const QueuePeriod& one, const QueuePeriod& other) {
  return one.passes == other.passes && one.is_stuck == other.is_stuck;
}

/// What of `whole` is in none of `others` that are like it, in their order.
std::vector<QueuePeriod> without(const QueuePeriod& whole, const std::vector<QueuePeriod>& others) {
  std::vector<QueuePeriod> rest;
  std::uint32_t first = whole.first;
  for (const QueuePeriod& other : others) {
    if (!is_alike(other, whole) || other.last < first || other.first > whole.last) continue;
    if (other.first > first) rest.push_back(part_of(whole, first, other.first - 1U));
    first = other.last + 1U;
  }
  if (first <= whole.last) rest.push_back(part_of(whole, first, whole.last));
  return rest;
}

}  // namespace

std::string text_of(const QueuePeriod& period) {
  const std::string queues =
      fmt::format("queue{} {}", period.first == period.last ? "" : "s", queue_numbers(period.first, period.last));
  const std::int64_t seconds = period.end.value_or(period.begin) - period.begin;
  if (period.is_stuck)
    return fmt::format("{}: {} stuck for {} s, what was sent there waited, and was dropped where the queue was full",
                       queues, period.first == period.last ? "its program was" : "their programs were", seconds);
  return fmt::format("{}: nobody listened for {} s, what was sent there {}", queues, seconds,
                     period.passes ? "passed without inspection" : "was dropped");
}

nlohmann::ordered_json json_of(const QueuePeriod& period) {
  nlohmann::ordered_json document{{"first", period.first},    {"last", period.last},   {"bypass", period.passes},
                                  {"stuck", period.is_stuck}, {"begin", period.begin}, {"end", nullptr}};
  if (period.end) document["end"] = *period.end;
  return document;
}

std::vector<QueuePeriod> QueuePeriods::look(std::span<const QueueRow> rows, const QueueMonitor& monitor,
                                            std::int64_t now) {
  std::vector<QueuePeriod> unattended;
  for (const QueueRow& row : rows) {
    const QueueHealth health = monitor.health(row);
    if (row.rules.empty() || is_served(health)) continue;
    // The kernel lets pass only what nobody is bound to.
    const bool is_stuck = health == QueueHealth::Stuck;
    const QueuePeriod period{.first = row.first,
                             .last = row.last,
                             .passes = !is_stuck && row.passes_unattended(),
                             .is_stuck = is_stuck,
                             .begin = now,
                             .end = {}};
    if (!unattended.empty() && unattended.back().last + 1U == row.first && is_alike(unattended.back(), period))
      unattended.back().last = row.last;
    else
      unattended.push_back(period);
  }
  std::vector<QueuePeriod> ended, going_on;
  for (const QueuePeriod& period : open_) {
    const std::vector<QueuePeriod> over = without(period, unattended);
    for (QueuePeriod part : over) {
      part.end = now;
      ended.push_back(part);
    }
    const std::vector<QueuePeriod> left = without(period, over);
    going_on.insert(going_on.end(), left.begin(), left.end());
  }
  for (const QueuePeriod& period : unattended) {
    const std::vector<QueuePeriod> begun = without(period, going_on);
    going_on.insert(going_on.end(), begun.begin(), begun.end());
    std::ranges::sort(going_on, {}, &QueuePeriod::first);
  }
  open_ = std::move(going_on);
  for (const QueuePeriod& period : ended) ended_.push_front(period);
  if (ended_.size() > kMost) ended_.resize(kMost);
  return ended;
}

std::vector<QueuePeriod> QueuePeriods::all() const {
  std::vector<QueuePeriod> all = open_;
  all.insert(all.end(), ended_.begin(), ended_.end());
  return all;
}

}  // namespace vuurmuur::control
