// SPDX-License-Identifier: GPL-2.0-or-later
// What the service tells: of itself, of generations, and of what is in the kernel.
#include <fmt/format.h>
#include <sys/stat.h>

#include <ranges>

#include "apply/kernel.h"
#include "base/assert.h"
#include "control/blocks.h"
#include "control/comparison.h"
#include "control/generation_json.h"
#include "control/listing_json.h"
#include "daemon/counter_sampler.h"
#include "daemon/event_feed.h"
#include "daemon/lock_wait.h"
#include "daemon/manager_service.h"
#include "daemon/queue_watch.h"
#include "daemon/replies.h"
#include "daemon/traffic_log.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

namespace {

Reply no_generation(history::Number number) { return refusal(fmt::format("there is no generation {}", number)); }

}  // namespace

Reply ManagerService::about(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  struct stat space {};
  static_cast<void>(::stat("/proc/self/ns/net", &space));
  return {.parameters = {{"version", VUURMUUR_VERSION},
                         {"configuration", settings_.configuration},
                         {"state_directory", settings_.state_directory},
                         {"network_namespace", static_cast<std::uint64_t>(space.st_ino)}}};
}

Reply ManagerService::status(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) return refusal(journal.error());
  Json status =
      control::status_json(*journal, control::SystemClock(), control::read_refused(files_, settings_.state_directory),
                           lock_wait_ == nullptr ? std::nullopt : lock_wait_->text());
  // Without a daemon nobody has looked.
  status["unattended"] = Json::array();
  if (queue_watch_ != nullptr)
    for (const control::QueuePeriod& period : queue_watch_->periods().all())
      status["unattended"].push_back(control::json_of(period));
  const auto baited = blocks().list_baited();
  status["baited"] = baited ? Json(baited->size()) : Json(nullptr);
  return {.parameters = std::move(status)};
}

Reply ManagerService::monitor(const Caller& caller, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  if (!caller.takes_more) return expected_more();
  VM_ASSERT(feed_ != nullptr && caller.client);
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) return refusal(journal.error());
  return feed_->add(*caller.client, *journal);
}

Reply ManagerService::history(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto journal = history::Store(files_, settings_.state_directory).read_journal();
  if (!journal) return refusal(journal.error());
  Json generations = Json::array();
  for (const history::Generation& generation : journal->generations | std::views::reverse)
    generations.push_back(control::json_of(generation, *journal));
  return {.parameters = {{"generations", std::move(generations)}}};
}

Reply ManagerService::show(const Caller&, Parameters& parameters) {
  const auto wanted = parameters.number("generation");
  if (!wanted) return invalid("generation");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const history::Store store(files_, settings_.state_directory);
  const auto journal = store.read_journal();
  if (!journal) return refusal(journal.error());
  const history::Generation* generation = journal->find(*wanted);
  if (generation == nullptr) return no_generation(*wanted);
  const auto files = store.read_configuration(*wanted);
  if (!files) return refusal(files.error());
  Json contents = Json::object();
  for (const auto& [path, content] : *files) contents[path] = content;
  return {.parameters = {{"generation", control::json_of(*generation, *journal)}, {"files", std::move(contents)}}};
}

Reply ManagerService::rules(const Caller&, Parameters& parameters) {
  const auto wanted = parameters.number("generation");
  if (!wanted) return invalid("generation");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto rules = history::Store(files_, settings_.state_directory).read_rules(*wanted);
  if (!rules) return refusal(rules.error());
  return {.parameters = {{"rules", *rules}}};
}

Reply ManagerService::compare(const Caller&, Parameters& parameters) {
  const auto from = parameters.number("generation");
  if (!from) return invalid("generation");
  const auto with = parameters.number("with");
  const auto what = parameters.flag("rules") ? control::Compare::Rules : control::Compare::Configuration;
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const history::Store store(files_, settings_.state_directory);
  const auto kernel = apply::make_kernel();
  const auto comparison =
      control::compare(files_, store, *kernel, {.from = *from, .to = with, .directory = {}, .differences = {}}, what);
  if (!comparison) return refusal(comparison.error());
  return {.parameters = control::json_of(*comparison)};
}

Reply ManagerService::watch_counters(const Caller& caller, Parameters& parameters) {
  const std::uint64_t seconds = parameters.number("seconds", CounterSampler::kLongestInterval).value_or(1);
  if (seconds == 0) return invalid("seconds");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  if (!caller.takes_more) return expected_more();
  VM_ASSERT(sampler_ != nullptr && caller.client);
  return sampler_->add(*caller.client, seconds);
}

Reply ManagerService::watch_log(const Caller& caller, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  if (!caller.takes_more) return expected_more();
  VM_ASSERT(traffic_log_ != nullptr && caller.client);
  return traffic_log_->add(*caller.client, {});
}

Reply ManagerService::kept_counters(const Caller&, Parameters& parameters) {
  const auto wanted = parameters.number("generation");
  if (!wanted) return invalid("generation");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto counters = history::Store(files_, settings_.state_directory).read_counters(*wanted);
  if (!counters) return refusal(counters.error());
  Json rules = Json::parse(*counters, /*callback=*/nullptr, /*allow_exceptions=*/false);
  if (!rules.is_array()) return refusal(fmt::format("the counters of generation {} cannot be read", *wanted));
  return {.parameters = {{"rules", std::move(rules)}}};
}

Reply ManagerService::list(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto kernel = apply::make_kernel();
  const auto tables = apply::list(*kernel, settings_.load.state_directory);
  if (!tables) return refusal(tables.error());
  Json documents = Json::array();
  for (const apply::ListedTable& table : *tables) documents.push_back(control::json_of(table));
  return {.parameters = {{"tables", std::move(documents)}}};
}

}  // namespace vuurmuur::daemon
