// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/connection_sampler.h"

#include <algorithm>
#include <utility>

#include "control/live_connections_json.h"
#include "daemon/replies.h"

namespace vuurmuur::daemon {
namespace {

using ipc::Json;

constexpr std::int64_t kSecond = 1'000'000'000;
/// So many times as long as a look takes it rests.
constexpr std::int64_t kRest = 10;

Json parsed(const std::string& line) { return Json::parse(line, /*callback=*/nullptr, /*allow_exceptions=*/false); }

}  // namespace

base::Result<Json> look_at_connections(InForceCache& in_force_cache, const control::ConnectionQuery& query) {
  const auto in_force = VM_TRY(in_force_cache.get());
  apply::Kernel& kernel = in_force_cache.kernel();
  Json connections = Json::array(), groups = Json::array();
  control::ConnectionCount count;
  if (query.grouping == control::ConnectionGrouping::None) {
    count = VM_TRY(control::query_connections(kernel, *in_force, query, [&](const control::NamedConnection& named) {
      connections.push_back(parsed(json_line(named)));
      return true;
    }));
  } else {
    for (const auto& group : VM_TRY(control::group_connections(kernel, *in_force, query, count)))
      groups.push_back(parsed(json_line(group)));
  }
  return Json{{"seen", count.seen},
              {"matched", count.matched},
              {"connections", std::move(connections)},
              {"groups", std::move(groups)}};
}

ConnectionSampler::~ConnectionSampler() {
  if (timer_) loop_.cancel(*timer_);
}

ipc::Reply ConnectionSampler::look(const Watcher& watcher) {
  const std::int64_t begin = base::boottime();
  auto sample = look_at_connections(*watcher.in_force, watcher.query);
  const std::int64_t end = base::boottime();
  rests_until_ = end + (end - begin) * kRest;
  if (!sample) return refusal(sample.error());
  return {.parameters = std::move(*sample), .continues = true};
}

ipc::Reply ConnectionSampler::add(ipc::ClientId client, InForceCache& in_force, control::ConnectionQuery query,
                                  std::uint64_t seconds) {
  std::erase_if(watchers_, [this](const Watcher& watcher) { return !server_.is_there(watcher.client); });
  if (watchers_.size() >= kMostWatchers) return refusal("too many watch live connections already");
  Watcher watcher{.client = client,
                  .in_force = &in_force,
                  .query = std::move(query),
                  .interval = static_cast<std::int64_t>(seconds) * kSecond,
                  .due = base::boottime() + static_cast<std::int64_t>(seconds) * kSecond};
  ipc::Reply first = look(watcher);
  if (!first.continues) return first;
  watchers_.push_back(std::move(watcher));
  plan();
  return first;
}

void ConnectionSampler::plan() {
  if (timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
  if (watchers_.empty()) return;
  const std::int64_t first = std::ranges::min_element(watchers_, {}, &Watcher::due)->due;
  timer_ = loop_.call_at(std::max(first, rests_until_), [this] {
    timer_.reset();
    on_due();
  });
}

/// One look in a turn: others have theirs in between.
void ConnectionSampler::on_due() {
  std::erase_if(watchers_, [this](const Watcher& watcher) { return !server_.is_there(watcher.client); });
  if (watchers_.empty()) return;
  const auto watcher = std::ranges::min_element(watchers_, {}, &Watcher::due);
  watcher->due = std::max(watcher->due + watcher->interval, base::boottime() + watcher->interval / 2);
  if (server_.has_fetched(watcher->client)) {
    const ipc::Reply reply = look(*watcher);
    const ipc::ClientId client = watcher->client;
    if (!reply.continues) watchers_.erase(watcher);
    server_.tell(client, reply);
  }
  plan();
}

}  // namespace vuurmuur::daemon
