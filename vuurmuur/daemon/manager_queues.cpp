// SPDX-License-Identifier: GPL-2.0-or-later
// What the service tells of the queues of NFQUEUE.
#include "apply/queue_statistics.h"
#include "control/queue_monitor.h"
#include "daemon/in_force_cache.h"
#include "daemon/manager_service.h"
#include "daemon/queue_watch.h"
#include "daemon/replies.h"

namespace vuurmuur::daemon {

using ipc::Json;
using ipc::Reply;

Reply ManagerService::queues(const Caller&, Parameters& parameters) {
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  const auto now = in_force().get();
  if (!now) return refusal(now.error());
  const auto statistics = apply::read_queue_statistics();
  if (!statistics) return refusal(statistics.error());
  const auto rules = (*now)->checked ? control::queue_rules((*now)->checked->policy) : std::vector<control::QueueRule>();
  // Without a daemon nobody has looked before.
  static const control::QueueMonitor kNoLook;
  const control::QueueMonitor& monitor = queue_watch_ == nullptr ? kNoLook : queue_watch_->monitor();
  Json queues = Json::array();
  for (const control::QueueRow& row : control::queue_report(rules, *statistics))
    queues.push_back(json_of(row, monitor.health(row)));
  return {.parameters = {{"queues", std::move(queues)}}};
}

}  // namespace vuurmuur::daemon
