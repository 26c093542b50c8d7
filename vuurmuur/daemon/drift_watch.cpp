// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/drift_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "apply/xtables_lock.h"

namespace vuurmuur::daemon {
namespace {

using namespace std::chrono_literals;

/// Between looks at the sizes of tables, which take microseconds.
constexpr std::chrono::nanoseconds kBetweenSizes = 1s;
/// Between looks at all rules: at least, and so many times as long as a look takes.
constexpr std::chrono::nanoseconds kBetweenLooks = 2s;
constexpr int kRest = 50;
/// iptables-restore lets go of the lock once for each table: all of it is one change.
constexpr std::chrono::nanoseconds kAfterLock = 100ms;
/// The same where looks are dear.
constexpr int kRestAfterLock = 5;

/// What the kernel calls our processes.
constexpr std::string_view kOurName = "vuurmuur";
constexpr std::string_view kSomebody = "another program";

void complain(const base::Error& error) { ::syslog(LOG_ERR, "%s", error.message.c_str()); }

}  // namespace

base::Result<void> DriftWatch::begin(apply::Backend engine) {
  stop();
  return engine == apply::Backend::Nft ? watch_nft() : watch_xtables();
}

void DriftWatch::stop() {
  for (auto* timer : {&look_, &sizes_look_})
    if (const auto id = std::exchange(*timer, std::nullopt)) loop_.cancel(*id);
  if (lock_watch_) loop_.forget(lock_watch_.get());
  lock_watch_.reset();
  if (events_) loop_.forget(events_->descriptor());
  events_.reset();
}

base::Result<void> DriftWatch::watch_xtables() {
  kernel_ = apply::make_kernel();
  const std::int64_t begin = base::boottime();
  shall_ = VM_TRY(apply::print_rules(*kernel_));
  cost_ = std::chrono::nanoseconds(base::boottime() - begin);
  last_look_ = base::boottime();
  seen_ = shall_;
  sizes_ = VM_TRY(apply::table_sizes(*kernel_));
  lock_watch_.reset(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  // Without it drift is found all the same, a little later.
  if (lock_watch_ && ::inotify_add_watch(lock_watch_.get(), apply::xtables_lock_path().c_str(),
                                         IN_CLOSE_NOWRITE | IN_CLOSE_WRITE) >= 0)
    loop_.watch(lock_watch_.get(), POLLIN, [this](short) {
      std::array<char, 4096> events;
      while (::read(lock_watch_.get(), events.data(), events.size()) > 0) {
      }
      const auto rest = std::chrono::nanoseconds(last_look_ - base::boottime()) + cost_ * kRestAfterLock;
      plan_look(std::max(kAfterLock, rest));
    });
  plan_look(std::max(kBetweenLooks, cost_ * kRest));
  sizes_look_ = loop_.call_after(kBetweenSizes, [this] { look_at_sizes(); });
  return {};
}

/// Earlier than planned before, never later.
void DriftWatch::plan_look(std::chrono::nanoseconds after) {
  if (look_) loop_.cancel(*look_);
  const std::int64_t at = base::boottime() + after.count();
  next_look_ = look_ ? std::min(next_look_, at) : at;
  look_ = loop_.call_at(next_look_, [this] { look_at_rules(); });
}

void DriftWatch::look_at_sizes() {
  sizes_look_ = loop_.call_after(kBetweenSizes, [this] { look_at_sizes(); });
  auto sizes = apply::table_sizes(*kernel_);
  if (!sizes) return complain(sizes.error());
  if (std::exchange(sizes_, std::move(*sizes)) != sizes_) plan_look(0ns);
}

void DriftWatch::look_at_rules() {
  look_.reset();
  const std::int64_t begin = base::boottime();
  auto now = apply::print_rules(*kernel_);
  last_look_ = base::boottime();
  cost_ = std::chrono::nanoseconds(last_look_ - begin);
  plan_look(std::max(kBetweenLooks, cost_ * kRest));
  if (!now) return complain(now.error());
  if (*now == seen_) return;
  seen_ = std::move(*now);
  on_drift_({.program = std::string(kSomebody), .what = differences(shall_, seen_)});
}

base::Result<void> DriftWatch::watch_nft() {
  events_ = VM_TRY(apply::NftEvents::open());
  loop_.watch(events_->descriptor(), POLLIN, [this](short) { read_nft_events(); });
  return {};
}

void DriftWatch::read_nft_events() {
  const auto news = events_->read();
  if (!news) return complain(news.error());
  std::optional<Drift> drift;
  if (news->was_lost)
    drift = {.program = std::string(kSomebody),
             .what = "more was changed than could be followed",
             .sets = control::TimedSets::Refill};
  for (const apply::NftChange& change : news->changes) {
    // Ours by name: the daemon's own process, and the command line beside it.
    if (change.program == kOurName) continue;
    if (!drift)
      drift = {.program = change.program.empty() ? std::string(kSomebody) : change.program, .what = change.what};
    if (change.has_elements) drift->sets = control::TimedSets::Refill;
  }
  if (drift) on_drift_(*drift);
}

}  // namespace vuurmuur::daemon
