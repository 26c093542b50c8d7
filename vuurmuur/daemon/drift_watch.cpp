// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/drift_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <syslog.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "apply/set_check.h"
#include "apply/xtables_lock.h"
#include "base/strings.h"

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

DriftWatch::~DriftWatch() {
  stop();
  if (events_) loop_.forget(events_->descriptor());
}

base::Result<void> DriftWatch::listen() {
  events_ = VM_TRY(apply::NftEvents::open());
  loop_.watch(events_->descriptor(), POLLIN, [this](short) { read_nft_events(); });
  return {};
}

base::Result<void> DriftWatch::begin(apply::Backend engine) {
  stop();
  if (engine != apply::Backend::Nft) return watch_xtables();
  if (!events_) VM_TRY_VOID(listen());
  is_nft_ = true;
  // What was changed since the load is told at once.
  read_nft_events();
  return {};
}

base::Result<void> DriftWatch::go_on(apply::Backend engine, std::span<const net::Family> families) {
  if (engine == apply::Backend::Xtables && look_) return go_on_in_xtables(families);
  if (engine != apply::Backend::Nft || !is_nft_) return begin(engine);
  read_nft_events();
  return {};
}

void DriftWatch::stop() {
  is_nft_ = false;
  for (auto* timer : {&look_, &sizes_look_, &sets_look_})
    if (const auto id = std::exchange(*timer, std::nullopt)) loop_.cancel(*id);
  if (lock_watch_) loop_.forget(lock_watch_.get());
  lock_watch_.reset();
}

base::Result<void> DriftWatch::watch_xtables() {
  kernel_ = apply::make_kernel();
  const std::int64_t begin = base::boottime();
  shall_ = VM_TRY(apply::print_rules(*kernel_));
  cost_ = std::chrono::nanoseconds(base::boottime() - begin);
  last_look_ = base::boottime();
  seen_ = shall_;
  rules_text_.clear();
  sets_text_.clear();
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
  sets_look_ = loop_.call_after(kBetweenLooks, [this] { look_at_sets(); });
  return {};
}

base::Result<void> DriftWatch::go_on_in_xtables(std::span<const net::Family> families) {
  const apply::RulePrint now = VM_TRY(apply::print_rules(*kernel_, families));
  apply::replace_tables(shall_, now, families);
  apply::replace_tables(seen_, now, families);
  rules_text_ = differences(shall_, seen_);
  sizes_ = VM_TRY(apply::table_sizes(*kernel_));
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
  rules_text_ = differences(shall_, seen_);
  tell_xtables();
}

void DriftWatch::look_at_sets() {
  const std::int64_t begin = base::boottime();
  auto changed = apply::changed_sets(*kernel_);
  auto blocked = blocked_();
  const auto cost = std::chrono::nanoseconds(base::boottime() - begin);
  sets_look_ = loop_.call_after(std::max(kBetweenLooks, cost * kRest), [this] { look_at_sets(); });
  for (const auto* result : {&changed, &blocked})
    if (!*result && result->error().code != EWOULDBLOCK) complain(result->error());
  // What was found before stays so until it can be looked at again.
  if (!changed || !blocked) return;
  changed->insert(changed->end(), blocked->begin(), blocked->end());
  const std::string names = base::join(*changed, ", ");
  std::string text = names.empty() ? std::string() : fmt::format("elements of sets were changed: {}", names);
  if (std::exchange(sets_text_, std::move(text)) != sets_text_) tell_xtables();
}

void DriftWatch::tell_xtables() {
  const bool are_both = !rules_text_.empty() && !sets_text_.empty();
  on_drift_({.program = std::string(kSomebody),
             .what = rules_text_ + (are_both ? "; " : "") + sets_text_,
             .sets = sets_text_.empty() ? control::TimedSets::Keep : control::TimedSets::Refill});
}

void DriftWatch::read_nft_events() {
  const auto news = events_->read();
  if (!news) return complain(news.error());
  if (news->was_lost)
    for (const net::Family family : net::kFamilies)
      changes_[family] = {.program = std::string(kSomebody),
                          .what = "more was changed than could be followed",
                          .sets = control::TimedSets::Refill};
  for (const apply::NftChange& change : news->changes) take(change);
  // Of another engine, or while nothing is in force, they are kept for the begin, unless a load comes before it.
  if (!is_nft_ || changes_.empty()) return;
  Drift drift = changes_.begin()->second;
  for (const auto& [family, change] : std::exchange(changes_, {}))
    if (change.sets == control::TimedSets::Refill) drift.sets = change.sets;
  on_drift_(drift);
}

void DriftWatch::take(const apply::NftChange& change) {
  // Ours by name: the daemon's own process, and the command line beside it.
  if (change.program == kOurName) {
    // A load writes what others have changed before in the families that it loads, but for elements of sets.
    if (change.has_rules)
      std::erase_if(changes_, [&](const auto& before) {
        return before.second.sets == control::TimedSets::Keep &&
               std::ranges::find(change.families, before.first) != change.families.end();
      });
    return;
  }
  for (const net::Family family : change.families) {
    Drift& drift =
        changes_
            .try_emplace(family, Drift{.program = change.program.empty() ? std::string(kSomebody) : change.program,
                                       .what = change.what})
            .first->second;
    if (change.has_elements) drift.sets = control::TimedSets::Refill;
  }
}

}  // namespace vuurmuur::daemon
