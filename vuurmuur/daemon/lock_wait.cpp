// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/lock_wait.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "apply/lock_holder.h"
#include "apply/xtables_lock.h"

namespace vuurmuur::daemon {

LockWait::~LockWait() {
  if (try_) loop_.cancel(*try_);
}

void LockWait::wait(std::string what, std::chrono::seconds patience, Then then) {
  const std::int64_t deadline = base::boottime() + std::chrono::nanoseconds(patience).count();
  waiters_.push_back({.what = std::move(what), .patience = patience, .deadline = deadline, .then = std::move(then)});
  // So that it can be told who has it; that it failed is told by the try.
  if (!file_)
    if (auto file = apply::open_xtables_lock(path_)) file_ = std::move(*file);
  if (!try_) plan_try(kBetweenTries);
}

std::optional<std::string> LockWait::text() const {
  if (waiters_.empty()) return std::nullopt;
  return fmt::format("{} waits for the xtables lock, which {} has", waiters_.front().what,
                     file_ ? apply::describe_lock_holder(file_.get()) : "another program");
}

void LockWait::plan_try(std::chrono::nanoseconds after) {
  try_ = loop_.call_after(after, [this] { try_lock(); });
}

void LockWait::try_lock() {
  try_.reset();
  end_late();
  if (!waiters_.empty()) {
    const auto taken = take();
    if (!taken)
      end_first(std::unexpected(taken.error()));
    else if (*taken)
      end_first(std::make_shared<const base::UniqueFd>(std::move(file_)));
  }
  if (waiters_.empty())
    file_.reset();
  else if (!try_)
    plan_try(kBetweenTries);
}

/// The file stays open from try to try: whoever watches it is not woken by each.
base::Result<bool> LockWait::take() {
  if (!file_) file_ = VM_TRY(apply::open_xtables_lock(path_));
  return apply::try_xtables_lock(file_.get(), path_);
}

void LockWait::end_first(base::Result<apply::XtablesLock> lock) {
  const Waiter first = std::move(waiters_.front());
  waiters_.pop_front();
  first.then(std::move(lock));
}

void LockWait::end_late() {
  const std::int64_t now = base::boottime();
  std::deque<Waiter> late;
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    if (waiter->deadline > now) {
      ++waiter;
      continue;
    }
    late.push_back(std::move(*waiter));
    waiter = waiters_.erase(waiter);
  }
  for (const Waiter& waiter : late)
    waiter.then(std::unexpected(apply::locked_out(file_.get(), path_, waiter.patience)));
}

}  // namespace vuurmuur::daemon
