// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/queue_watch.h"

#include <syslog.h>

#include <algorithm>
#include <utility>

#include "apply/queue_statistics.h"
#include "control/clock.h"

namespace vuurmuur::daemon {
namespace {

/// So many times as long as a look takes it rests.
constexpr int kRest = 50;

}  // namespace

QueueWatch::~QueueWatch() {
  if (timer_) loop_.cancel(*timer_);
}

void QueueWatch::follow(const sema::Policy* policy) {
  rules_ = policy == nullptr ? std::vector<control::QueueRule>() : control::queue_rules(*policy);
  if (rules_.empty()) {
    keep_periods({});
    balance({});
    monitor_ = {};
    balance_ = {};
    if (timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
    return;
  }
  plan(std::chrono::nanoseconds(0));
}

void QueueWatch::plan(std::chrono::nanoseconds after) {
  if (timer_) loop_.cancel(*timer_);
  timer_ = loop_.call_after(after, [this] {
    timer_.reset();
    look();
  });
}

void QueueWatch::look() {
  const std::int64_t begin = base::boottime();
  const auto queues = apply::read_queue_statistics();
  if (!queues) {
    if (std::exchange(complaint_, queues.error().message) != complaint_)
      ::syslog(LOG_WARNING, "%s; nobody is told when no program listens to them", complaint_.c_str());
    return plan(kNextTry);
  }
  complaint_.clear();
  const std::vector<control::QueueRow> rows = control::queue_report(rules_, *queues);
  for (const control::QueueEvent& event : monitor_.look(rows, begin)) on_event_(event);
  keep_periods(rows);
  balance(balance_.look(rows, monitor_, begin));
  plan(std::max<std::chrono::nanoseconds>(kInterval, kRest * std::chrono::nanoseconds(base::boottime() - begin)));
}

void QueueWatch::keep_periods(std::span<const control::QueueRow> rows) {
  for (const control::QueuePeriod& period : periods_.look(rows, monitor_, control::SystemClock().wall_seconds()))
    on_event_({.what = control::QueueEvent::What::Was,
               .first = period.first,
               .last = period.last,
               .detail = control::text_of(period)});
}

void QueueWatch::balance(std::vector<std::uint16_t> left_out) {
  if (left_out == left_out_) return;
  const std::vector<control::QueueEvent> events = control::balance_events(left_out_, left_out);
  left_out_ = std::move(left_out);
  on_balance_(left_out_);
  for (const control::QueueEvent& event : events) on_event_(event);
}

}  // namespace vuurmuur::daemon
