// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/queue_watch.h"

#include <syslog.h>

#include <algorithm>
#include <utility>

#include "apply/queue_statistics.h"

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
    monitor_ = {};
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
  for (const control::QueueEvent& event : monitor_.look(control::queue_report(rules_, *queues), begin)) on_event_(event);
  plan(std::max<std::chrono::nanoseconds>(kInterval, kRest * std::chrono::nanoseconds(base::boottime() - begin)));
}

}  // namespace vuurmuur::daemon
