// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/volume_keeper.h"

#include <fmt/format.h>
#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "apply/kernel.h"
#include "control/comparison.h"
#include "control/counter_rates.h"
#include "control/counters_json.h"
#include "control/volumes_json.h"
#include "history/store.h"

namespace vuurmuur::daemon {
namespace {

/// A look a second before a minute ends is of that minute.
constexpr std::int64_t kMinute = 60, kLookAt = 59;
/// So many times as long as a look takes it rests before one that is not due.
constexpr std::int64_t kRest = 10, kLeastRest = 1'000'000'000;

}  // namespace

VolumeKeeper::~VolumeKeeper() {
  for (const auto& timer : {minute_, soon_})
    if (timer) loop_.cancel(*timer);
}

void VolumeKeeper::begin() {
  is_begun_ = true;
  if (const auto opened = open(); !opened) complain(opened.error());
  // When nothing is known yet, what is there now is of a time that nobody can name, and all that comes behind it is
  // not.
  if (accumulator_.entries().empty())
    if (const auto reading = control::read_all_counters(*apply::make_kernel(), runtime_directory_, clock_))
      accumulator_.take(control::readings_of(*reading), reading->time);
  look_soon();
  plan();
}

void VolumeKeeper::look_soon() {
  if (!is_begun_ || soon_) return;
  soon_ = loop_.call_after(kSettle, [this] {
    soon_.reset();
    look();
  });
}

void VolumeKeeper::plan() {
  const std::int64_t second = clock_.wall_seconds() % kMinute;
  const std::int64_t wait = second < kLookAt ? kLookAt - second : kMinute;
  minute_ = loop_.call_after(std::chrono::seconds(wait), [this] {
    look();
    plan();
  });
}

void VolumeKeeper::follow(const history::Generation* generation, const control::CheckedPolicy* checked) {
  const history::Number now = generation == nullptr ? 0 : generation->number;
  if (now == state_.generation && has_policy_) return;
  has_policy_ = true;
  hosts_.follow(checked == nullptr ? nullptr : &checked->policy);
  control::RuleQueues queues = checked == nullptr ? control::RuleQueues() : control::rule_queues(checked->policy);
  if (queues_.empty()) queues_ = queues;
  if (now != state_.generation) {
    take_kept(state_.generation, now);
    // The rules of the other engine, and those after a clear, have counted nothing yet.
    const std::string backend = generation == nullptr ? "" : generation->backend;
    if (backend != state_.backend) accumulator_.begin_anew(volumes::Kind::Rule);
    state_.generation = now;
    state_.backend = backend;
  }
  queues_ = std::move(queues);
  look_soon();
}

/// Each generation that another one took the place of has left what its rules had counted.
void VolumeKeeper::take_kept(history::Number before, history::Number now) {
  if (before == 0 || now <= before) return;
  const history::Store generations(files_, directory_);
  for (history::Number number = std::max(before, now - std::min<history::Number>(now, history::kKeptGenerations));
       number < now; ++number) {
    const auto text = generations.read_counters(number);
    if (!text) continue;
    const auto document = nlohmann::ordered_json::parse(*text, /*callback=*/nullptr, /*allow_exceptions=*/false);
    if (const auto counters = control::counters_from(document))
      accumulator_.take_last(control::readings_of(*counters, queues_), clock_.wall_seconds());
  }
}

/// Whether other rules were loaded than those that are followed: then what the former ones had counted has to be taken
/// first, or it would count twice where counters began anew. Whoever loaded them has written the journal, so that
/// follow() is on its way.
bool VolumeKeeper::is_behind() const {
  const auto journal = history::Store(files_, directory_).read_journal();
  return journal && (journal->is_cleared ? 0 : control::in_force(*journal).value_or(0)) != state_.generation;
}

void VolumeKeeper::look() {
  if (is_behind()) return;
  const std::int64_t begin = base::boottime();
  const std::int64_t time = clock_.wall_seconds();
  if (const auto reading = control::read_all_counters(*apply::make_kernel(), runtime_directory_, clock_)) {
    auto readings = control::readings_of(*reading, queues_);
    // Each time they are what came since the last.
    accumulator_.begin_anew(volumes::Kind::Host);
    for (volumes::Reading& host : hosts_.take()) readings.push_back(std::move(host));
    accumulator_.take(readings, time);
  } else {
    return complain(reading.error());
  }
  if (const auto written = write(time); !written)
    complain(written.error());
  else if (!std::exchange(complaint_, {}).empty())
    ::syslog(LOG_NOTICE, "volumes are written again");
  looked_ = base::boottime();
  cost_ = looked_ - begin;
}

void VolumeKeeper::refresh() {
  if (is_begun_ && base::boottime() - looked_ > std::max(kLeastRest, kRest * cost_)) look();
}

base::Result<volumes::Found> VolumeKeeper::find(const volumes::Query& query) {
  if (!store_) return base::failure(complaint_.empty() ? "nothing was counted yet" : complaint_);
  return store_->find(query);
}

base::Result<void> VolumeKeeper::open_and_go_on() {
  const std::string path = control::volumes_path(directory_);
  // By the file system, which gives it to whom the directory belongs.
  if (const auto status = files_.status(path); !status && status.error().code == ENOENT)
    VM_TRY_VOID(files_.replace_file(path, ""));
  auto store = VM_TRY(volumes::Store::open(path));
  if (!has_gone_on_) {
    const volumes::State state = VM_TRY(store.read_state());
    const std::string boot = clock_.now().boot;
    accumulator_.go_on(VM_TRY(store.read_entries()), state.boot == boot);
    // What is in force by now is known already when the file could not be read at first.
    if (state_.generation == 0 && state.boot == boot) state_ = state;
    state_.boot = boot;
    has_gone_on_ = true;
  }
  store_.emplace(std::move(store));
  return {};
}

base::Result<void> VolumeKeeper::open() {
  auto opened = open_and_go_on();
  if (opened || opened.error().code != EUCLEAN) return opened;
  VM_TRY_VOID(put_aside(opened.error()));
  return open_and_go_on();
}

base::Result<void> VolumeKeeper::put_aside(const base::Error& damage) {
  store_.reset();
  const std::string path = control::volumes_path(directory_);
  VM_TRY_VOID(volumes::put_aside(path));
  ::syslog(LOG_ERR, "volumes: %s; it is '%s.damaged' now, and a new file begins", damage.message.c_str(), path.c_str());
  return {};
}

base::Result<void> VolumeKeeper::write(std::int64_t time) {
  if (!store_) VM_TRY_VOID(open());
  auto written = store_->write(accumulator_, state_, time);
  if (written || written.error().code != EUCLEAN) return written;
  VM_TRY_VOID(put_aside(written.error()));
  accumulator_.note_lost();
  VM_TRY_VOID(open());
  return store_->write(accumulator_, state_, time);
}

/// Once, as long as it is the same.
void VolumeKeeper::complain(const base::Error& error) {
  if (std::exchange(complaint_, error.message) != error.message)
    ::syslog(LOG_WARNING, "volumes: %s; what is counted is not kept until that is mended", error.message.c_str());
}

}  // namespace vuurmuur::daemon
