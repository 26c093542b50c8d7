// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/surroundings_watch.h"

#include <poll.h>
#include <syslog.h>

#include "apply/route_events.h"
#include "control/manager.h"
#include "control/surroundings.h"

namespace vuurmuur::daemon {

base::Result<void> SurroundingsWatch::begin() {
  events_ = VM_TRY(apply::open_route_events());
  loop_.watch(events_.get(), POLLIN, [this](short) {
    apply::drain_route_events(events_.get());
    if (policy_) plan_look(kSettle);
  });
  return {};
}

void SurroundingsWatch::follow(const std::string& state_directory, const history::Generation* generation) {
  const auto number = generation == nullptr ? std::nullopt : std::optional(generation->number);
  if (number == number_) return;
  number_ = number;
  policy_.reset();
  if (generation == nullptr) return;
  auto policy = control::read_generation(history::Store(files_, state_directory), *generation);
  if (!policy) return ::syslog(LOG_ERR, "%s", policy.error().message.c_str());
  policy_ = std::move(*policy);
  loaded_with_ = control::what_matters(policy_->tree.policy, control::look_around());
}

/// From the first event on: more of them delay nothing.
void SurroundingsWatch::plan_look(std::chrono::nanoseconds after) {
  if (!look_) look_ = loop_.call_after(after, [this] { look(); });
}

void SurroundingsWatch::look() {
  look_.reset();
  if (!policy_) return;
  std::string now = control::what_matters(policy_->tree.policy, control::look_around());
  if (now == loaded_with_) return;
  if (!reload_()) return plan_look(kNextTry);
  // What changed during the load is an event of its own.
  loaded_with_ = std::move(now);
}

}  // namespace vuurmuur::daemon
