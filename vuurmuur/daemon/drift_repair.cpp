// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/drift_repair.h"

#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "control/comparison.h"
#include "control/session.h"
#include "daemon/replies.h"

namespace vuurmuur::daemon {
namespace {

/// When somebody else has the turn, or something failed: how long until the next try.
constexpr std::chrono::seconds kNextTry{1};

/// So many repairs are made at once. When another program changes rules again and again, a pause follows each further
/// one, twice as long each time, until a calm.
constexpr unsigned kPromptRepairs = 10;
constexpr std::chrono::seconds kLongestPause{60}, kCalm{120};

std::chrono::seconds pause_after(unsigned repairs) {
  if (repairs < kPromptRepairs) return std::chrono::seconds(0);
  return std::min(kLongestPause, std::chrono::seconds(1) * (1 << std::min(repairs - kPromptRepairs, 6U)));
}

void complain(const base::Error& error) {
  ::syslog(LOG_ERR, "changes by other programs are not noticed: %s", error.message.c_str());
}

/// That holds what is in force.
apply::Backend engine_of(const history::Journal& journal) {
  const bool is_nft = journal.find(*control::in_force(journal))->backend == apply::to_string(apply::Backend::Nft);
  return is_nft ? apply::Backend::Nft : apply::Backend::Xtables;
}

}  // namespace

void DriftRepair::follow(const history::Journal& journal) {
  if (journal.pending && !journal.pending->deadline) return watch_.stop(), watched_.reset();
  const auto number = journal.is_cleared ? std::nullopt : control::in_force(journal);
  if (number == watched_) return;
  if (number) return begin(journal);
  watch_.stop();
  watched_.reset();
  drift_.reset();
}

void DriftRepair::go_on(const history::Journal& journal, std::span<const net::Family> families) {
  if (!watched_ || families.empty()) return;
  if (families.size() == net::kFamilies.size()) return begin(journal);
  const auto gone_on = watch_.go_on(engine_of(journal), families);
  if (!gone_on) complain(gone_on.error());
}

void DriftRepair::begin(const history::Journal& journal) {
  watched_ = control::in_force(journal);
  const apply::Backend engine = engine_of(journal);
  const bool is_nft = engine == apply::Backend::Nft;
  // A load writes all rules, but sets with names that it knows stay as they are; ip_set is looked at again.
  if (!is_nft || (drift_ && drift_->sets == control::TimedSets::Keep)) drift_.reset();
  if (drift_ && !try_) try_again(std::chrono::nanoseconds(0));
  if (const auto begun = watch_.begin(engine); !begun) complain(begun.error());
}

void DriftRepair::on_drift(const DriftWatch::Drift& drift) {
  if (!drift.what.empty())
    ::syslog(LOG_WARNING, "%s changed rules of generation %llu: %s", drift.program.c_str(),
             static_cast<unsigned long long>(watched_.value_or(0)), drift.what.c_str());
  // What was found before and not dealt with yet is not less.
  const bool must_refill = drift_ && drift_->sets == control::TimedSets::Refill;
  drift_ = drift;
  if (must_refill) drift_->sets = control::TimedSets::Refill;
  try_drift();
}

void DriftRepair::try_again(std::chrono::nanoseconds after) {
  try_ = loop_.call_after(after, [this] { try_drift(); });
}

/// Notes a drift and repairs it, when nobody else has the turn; else tries again.
void DriftRepair::try_drift(apply::XtablesLock lock) {
  if (waits_for_lock_) return;
  if (try_) loop_.cancel(*try_);
  try_.reset();
  if (!drift_) return;
  apply::Options load = settings_.load;
  load.lock = std::move(lock);
  const auto session = control::Session::open(files_, settings_.state_directory, load, history::Wait::No);
  if (!session) return try_again(kNextTry);
  const auto journal = (*session)->store().read_journal();
  if (!journal) {
    ::syslog(LOG_ERR, "%s", journal.error().message.c_str());
    return try_again(kNextTry);
  }
  // Whoever had the turn loaded something else, or took away what was: it was no drift of rules, and of sets it is told
  // when the journal is looked at.
  if (!watched_ || journal->is_cleared || control::in_force(*journal) != watched_) {
    if (drift_->sets == control::TimedSets::Keep) drift_.reset();
    return;
  }
  const history::Generation& generation = *journal->find(*watched_);
  if (drift_->what.empty()) {
    static_cast<void>((*session)->manager().drift_is_over(kDaemon));
    return drift_.reset();
  }
  const auto policy = control::read_generation((*session)->store(), generation);
  const bool repairs = !policy || (*policy)->policy.settings->drift == model::Drift::Repair;
  // Two programs that put their rules back in turn would do nothing else any more.
  const std::chrono::nanoseconds since(base::boottime() - last_repair_);
  if (since > kCalm) repairs_ = 0;
  const std::chrono::nanoseconds pause = pause_after(repairs_);
  const bool is_too_early = repairs && since < pause;
  const history::Actor by{.uid = 0, .user = drift_->program, .from = {}};
  const auto done = (*session)->manager().drifted(by, drift_->what, repairs && !is_too_early, kDaemon, drift_->sets);
  if (!done && done.error().code == ETIMEDOUT) {
    waits_for_lock_ = true;
    return lock_wait_.wait("a repair", apply::kLockPatience, [this](base::Result<apply::XtablesLock> free) {
      waits_for_lock_ = false;
      try_drift(free ? std::move(*free) : nullptr);
    });
  }
  if (!done) {
    ::syslog(LOG_ERR, "%s", done.error().message.c_str());
    return try_again(kNextTry);
  }
  if (is_too_early) return try_again(pause - since);
  drift_.reset();
  if (!repairs) return;
  ::syslog(LOG_NOTICE, "generation %llu is as it shall be again", static_cast<unsigned long long>(*watched_));
  last_repair_ = base::boottime();
  ++repairs_;
  begin(*journal);
  if (on_repair_) on_repair_();
}

}  // namespace vuurmuur::daemon
