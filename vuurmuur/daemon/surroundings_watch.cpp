// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/surroundings_watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <syslog.h>

#include "apply/route_events.h"
#include "control/manager.h"
#include "control/surroundings.h"

namespace vuurmuur::daemon {
namespace {

/// Nothing for none.
std::string text_of(const std::vector<std::uint16_t>& left_out) {
  std::string text;
  for (const std::uint16_t queue : left_out) text += fmt::format(" without queue {}", queue);
  return text;
}

}  // namespace

base::Result<void> SurroundingsWatch::begin() {
  events_ = VM_TRY(apply::open_route_events());
  loop_.watch(events_.get(), POLLIN, [this](short) {
    apply::drain_route_events(events_.get());
    names_.network_changed();
    on_event();
  });
  return {};
}

bool SurroundingsWatch::follow(const history::Generation* generation) {
  const auto number = generation == nullptr ? std::nullopt : std::optional(generation->number);
  if (number == number_) return false;
  number_ = number;
  memo_ = {};
  policy_.reset();
  loaded_with_.reset();
  if (generation != nullptr) {
    auto policy = control::read_generation(history::Store(files_, directory_), *generation);
    if (policy)
      policy_ = std::move(*policy);
    else
      ::syslog(LOG_ERR, "%s", policy.error().message.c_str());
  }
  names_.follow(policy_ ? &policy_->tree.policy : nullptr);
  if (!policy_) return true;
  // Whoever loaded it may have looked around before the last event.
  const bool may_be_late =
      last_event_ && base::boottime() - *last_event_ < std::chrono::nanoseconds(kLongestLoad).count();
  if (may_be_late)
    plan_look(kSettle);
  else
    loaded_with_ = control::what_matters(policy_->tree.policy, control::look_around(names_.known()));
  // Whoever loaded it knows nothing of queues that are left out.
  if (!left_out_.empty()) plan_look(std::chrono::nanoseconds(0));
  return true;
}

void SurroundingsWatch::on_event() {
  last_event_ = base::boottime();
  if (policy_) plan_look(kSettle);
}

/// From the first event on: more of them delay nothing.
void SurroundingsWatch::plan_look(std::chrono::nanoseconds after) {
  if (!look_) look_ = loop_.call_after(after, [this] { look(); });
}

void SurroundingsWatch::look() {
  if (look_) loop_.cancel(*look_);
  look_.reset();
  if (!policy_) return;
  const control::Surroundings around = control::look_around(names_.known());
  std::string now = control::what_matters(policy_->tree.policy, around) + text_of(left_out_);
  if (now == loaded_with_) return;
  if (const auto resolved = policy_->resolve_in(around); !resolved) {
    ::syslog(LOG_ERR, "devices, addresses or names changed, and the rules do not: %s",
             resolved.error().message.c_str());
  } else {
    memo_.left_out_queues = left_out_;
    const Tried tried = reload_(*number_, policy_->policy, memo_);
    if (tried == Tried::NotYet) plan_look(kNextTry);
    if (tried != Tried::Yes) return;
  }
  // What changed during the load is an event of its own.
  loaded_with_ = std::move(now);
}

void SurroundingsWatch::leave_out(std::vector<std::uint16_t> queues) {
  if (queues == left_out_) return;
  left_out_ = std::move(queues);
  look();
}

void SurroundingsWatch::loaded_by_others() {
  if (left_out_.empty()) return;
  loaded_with_.reset();
  plan_look(std::chrono::nanoseconds(0));
}

}  // namespace vuurmuur::daemon
