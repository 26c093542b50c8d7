// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/counter_sampler.h"

#include <algorithm>
#include <utility>

#include "apply/kernel.h"
#include "daemon/replies.h"

namespace vuurmuur::daemon {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// So many times as long as a reading takes it rests.
constexpr std::int64_t kRest = 10;

/// The beginning of the next interval, not before half of one has passed.
std::int64_t next_due(std::int64_t now, std::uint64_t seconds) {
  const std::int64_t interval = static_cast<std::int64_t>(seconds) * kSecond;
  return ((now + interval / 2) / interval + 1) * interval;
}

ipc::Reply reply_of(const control::CounterSample& sample) {
  return {.parameters = control::json_of(sample), .continues = true};
}

}  // namespace

CounterSampler::~CounterSampler() {
  if (timer_) loop_.cancel(*timer_);
}

base::Result<CounterSampler::Reading> CounterSampler::read() {
  const std::int64_t begin = base::boottime();
  auto reading = control::read_all_counters(*apply::make_kernel(), runtime_directory_, clock_);
  cost_ = base::boottime() - begin;
  if (!reading) return std::unexpected(reading.error());
  last_ = std::make_shared<const control::CounterReading>(std::move(*reading));
  return last_;
}

ipc::Reply CounterSampler::add(ipc::ClientId client, std::uint64_t seconds) {
  const std::int64_t now = base::boottime();
  // Many who come at once are no reason to read again for each.
  if (!last_ || now - last_->nanoseconds > std::max(kSecond, cost_ * kRest))
    if (const auto reading = read(); !reading) return refusal(reading.error());
  auto [place, is_new] = groups_.try_emplace(seconds);
  Group& group = place->second;
  group.clients.push_back(client);
  if (is_new) {
    group.before = last_;
    group.due = next_due(now, seconds);
    plan();
  }
  return reply_of(control::sample_of(nullptr, *last_));
}

void CounterSampler::plan() {
  if (timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
  if (groups_.empty()) return last_.reset();
  const auto first =
      std::ranges::min_element(groups_, {}, [](const auto& group) { return group.second.due; })->second.due;
  const std::int64_t rested = last_ ? last_->nanoseconds + cost_ * kRest : 0;
  timer_ = loop_.call_at(std::max(first, rested), [this] {
    timer_.reset();
    on_due();
  });
}

void CounterSampler::on_due() {
  for (auto& [seconds, group] : groups_)
    std::erase_if(group.clients, [this](ipc::ClientId client) { return !server_.is_there(client); });
  std::erase_if(groups_, [](const auto& group) { return group.second.clients.empty(); });
  const std::int64_t now = base::boottime();
  std::vector<std::uint64_t> due;
  for (auto& [seconds, group] : groups_) {
    if (group.due > now) continue;
    group.due = next_due(now, seconds);
    due.push_back(seconds);
  }
  if (!due.empty()) {
    const auto reading = read();
    for (const std::uint64_t seconds : due) {
      if (!reading) {
        for (const ipc::ClientId client : groups_.at(seconds).clients) server_.tell(client, refusal(reading.error()));
        groups_.erase(seconds);
        continue;
      }
      // Others have their turn in between: writing samples of many rules takes time.
      loop_.call_after(std::chrono::nanoseconds(0), [this, seconds, reading = *reading] { tell(seconds, reading); });
    }
  }
  plan();
}

void CounterSampler::tell(std::uint64_t seconds, const Reading& reading) {
  const auto found = groups_.find(seconds);
  if (found == groups_.end()) return;
  Group& group = found->second;
  const std::string reply = to_wire(reply_of(control::sample_of(group.before.get(), *reading)));
  group.before = reading;
  for (const ipc::ClientId client : group.clients)
    if (server_.has_fetched(client)) server_.tell(client, reply, /*continues=*/true);
}

}  // namespace vuurmuur::daemon
