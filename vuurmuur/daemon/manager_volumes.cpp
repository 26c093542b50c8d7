// SPDX-License-Identifier: GPL-2.0-or-later
// What the service tells of counters and volumes.
#include <cerrno>
#include <limits>

#include "apply/kernel.h"
#include "apply/queue_statistics.h"
#include "apply/rule_counters.h"
#include "control/counter_rates.h"
#include "control/counters_json.h"
#include "control/metrics.h"
#include "control/refused_configuration.h"
#include "control/rule_use.h"
#include "control/volume_readings.h"
#include "control/volumes_json.h"
#include "daemon/manager_service.h"
#include "daemon/replies.h"
#include "daemon/volume_keeper.h"
#include "history/store.h"

namespace vuurmuur::daemon {
namespace {

constexpr std::uint64_t kMostVolumes = 10'000, kUsualVolumes = 1000;

/// From the file that a daemon has written; nothing when there is none.
base::Result<volumes::Found> find_in_file(const std::string& state_directory, const volumes::Query& query) {
  const auto store = volumes::Store::open_to_read(control::volumes_path(state_directory));
  if (!store && store.error().code == ENOENT) return volumes::Found();
  if (!store) return std::unexpected(store.error());
  return store->find(query);
}

/// What a daemon has written.
base::Result<volumes::Accumulator> read_counted(const std::string& state_directory) {
  volumes::Accumulator counted;
  const auto store = volumes::Store::open_to_read(control::volumes_path(state_directory));
  if (!store && store.error().code == ENOENT) return counted;
  if (!store) return std::unexpected(store.error());
  const volumes::State state = VM_TRY(store->read_state());
  counted.go_on(VM_TRY(store->read_entries()), state.boot == control::SystemClock().now().boot);
  return counted;
}

/// And a reading behind it. Nothing of that is written.
base::Result<volumes::Accumulator> count_now(const std::string& state_directory, const std::string& runtime_directory) {
  volumes::Accumulator counted = VM_TRY(read_counted(state_directory));
  const control::SystemClock clock;
  const auto reading = VM_TRY(control::read_all_counters(*apply::make_kernel(), runtime_directory, clock));
  counted.take(control::readings_of(reading), reading.time);
  return counted;
}

}  // namespace

ipc::Reply ManagerService::counters(const Caller&, Parameters& parameters) {
  const bool with_hits = parameters.flag("hits");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto rules = apply::read_counters(*apply::make_kernel(), settings_.load.state_directory);
  if (!rules) return refusal(rules.error());
  ipc::Json document = control::json_of(*rules);
  if (with_hits && volumes_ != nullptr) {
    control::add_uses(document, control::uses_of(*rules, volumes_->counted(), control::SystemClock().wall_seconds()));
  } else if (with_hits) {
    const auto counted = read_counted(settings_.state_directory);
    if (!counted) return refusal(counted.error());
    control::add_uses(document, control::uses_of(*rules, *counted, std::nullopt));
  }
  return {.parameters = {{"rules", std::move(document)}}};
}

ipc::Reply ManagerService::volume(const Caller&, Parameters& parameters) {
  volumes::Query query{.until = std::numeric_limits<std::int64_t>::max()};
  if (const auto by = parameters.text("by")) {
    const auto kind = volumes::kind_named(*by);
    if (!kind) return invalid("by");
    query.by = *kind;
  }
  if (const auto word = parameters.text("period")) {
    const auto period = volumes::period_named(*word);
    if (!period) return invalid("period");
    query.period = *period;
  }
  // Of a period that it is in, all.
  query.since = volumes::start_of(query.period, static_cast<std::int64_t>(parameters.number("since").value_or(0)));
  if (const auto until = parameters.number("until")) query.until = static_cast<std::int64_t>(*until);
  query.most = parameters.number("limit", kMostVolumes).value_or(kUsualVolumes);
  if (query.most == 0) return invalid("limit");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  if (volumes_ != nullptr) volumes_->refresh();
  const auto found = volumes_ != nullptr ? volumes_->find(query) : find_in_file(settings_.state_directory, query);
  if (!found) return refusal(found.error());
  ipc::Json answer = control::json_of(*found, query.by, query.period);
  if (volumes_ != nullptr && !volumes_->complaint().empty()) answer["fault"] = volumes_->complaint();
  return {.parameters = std::move(answer)};
}

ipc::Reply ManagerService::metrics(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) return refusal(journal.error());
  base::Result<volumes::Accumulator> own;
  if (volumes_ != nullptr)
    volumes_->refresh();
  else if (own = count_now(settings_.state_directory, settings_.load.state_directory); !own)
    return refusal(own.error());
  const control::SystemClock clock;
  // Only root and its group may read them: then they are left out.
  const auto queues = apply::read_queue_statistics().value_or(std::vector<apply::QueueStatistics>());
  return {
      .parameters = {{"text", control::metrics_text(
                                  {.version = VUURMUUR_VERSION,
                                   .counted = volumes_ != nullptr ? volumes_->counted() : *own,
                                   .journal = *journal,
                                   .clock = clock,
                                   .connections = control::connection_use(),
                                   .queues = queues,
                                   .is_refused = control::read_refused(files_, settings_.state_directory).has_value(),
                                   .has_fault = volumes_ != nullptr && !volumes_->complaint().empty()})}}};
}

}  // namespace vuurmuur::daemon
