// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/demo_daemon.h"

#include <cmath>
#include <ctime>

#include "client/demo_traffic.h"

namespace vuurmuur::client {
namespace {

using ipc::Json;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::chrono::seconds kSample{2};

/// Something between 0 and 1 that goes up and down, each `who` in its own time.
double wave(std::int64_t step, std::size_t who) {
  const auto at = static_cast<double>(step), own = static_cast<double>(who);
  return 0.5 + 0.35 * std::sin(at / (3 + own)) + 0.15 * std::sin(at * 1.7 + own);
}

app::RuleRate rate_of(std::int64_t step, std::size_t who, double most_bytes) {
  const double bytes = most_bytes * wave(step, who);
  return {.packets = static_cast<std::int64_t>(most_bytes * static_cast<double>(step + 1) / 900),
          .bytes = static_cast<std::int64_t>(most_bytes * static_cast<double>(step + 1)),
          .packets_per_second = bytes / 900,
          .bytes_per_second = bytes};
}

ipc::Reply refused(const char* message) {
  return {.parameters = {{"message", message}, {"code", 0}}, .error = "org.vuurmuur.Manager.Refused"};
}

}  // namespace

DemoDaemon::DemoDaemon(base::PollLoop& loop, std::vector<std::string> rules, std::vector<std::string> interfaces,
                       std::function<void(const app::Event&)> on_event)
    : loop_(loop), rules_(std::move(rules)), interfaces_(std::move(interfaces)), on_event_(std::move(on_event)) {}

DemoDaemon::~DemoDaemon() {
  if (sample_timer_) loop_.cancel(*sample_timer_);
  if (back_timer_) loop_.cancel(*back_timer_);
}

void DemoDaemon::start() {
  on_event_(app::LinkChanged{.link = app::Link::There});
  tell_status();
  sample();
}

Json DemoDaemon::generation(std::int64_t number, const std::string& state) const {
  return {{"generation", number},
          {"state", state},
          {"in_force", number == newest_},
          {"directory", "/etc/vuurmuur"},
          {"backend", "nft"},
          {"comment", number == newest_ ? "" : "before"},
          {"events", Json::array({{{"what", state},
                                   {"time", std::time(nullptr)},
                                   {"user", "demo"},
                                   {"uid", 0},
                                   {"from", ""},
                                   {"detail", ""}}})}};
}

void DemoDaemon::tell_status() {
  const bool waits = deadline_.has_value();
  Json status{{"state", waits ? "awaiting confirmation" : "confirmed"},
              {"generation", generation(newest_, waits ? "applied" : "confirmed")},
              {"confirmed", confirmed_}};
  if (waits) status["seconds_left"] = (*deadline_ - base::boottime()) / kSecond;
  on_event_(app::StatusKnown{.status = app::status_from(status)});
}

void DemoDaemon::go_back() {
  deadline_.reset();
  newest_ = confirmed_;
  tell_status();
}

void DemoDaemon::call(const app::Call& call) {
  on_event_(app::Reply{.request = call.request, .reply = answer(call)});
  tell_status();
}

ipc::Reply DemoDaemon::answer(const app::Call& call) {
  if (call.method == "About") return {.parameters = {{"version", "demo"}, {"configuration", ""}}};
  if (call.method == "Compare") return {.parameters = {{"differences", Json::array()}}};
  if (call.method == "Block") return {.parameters = {{"in_force", true}, {"ended_connections", 0}}};
  if (call.method == "KillConnections")
    return {.parameters = {{"matched", 1}, {"ended", 1}, {"gone", 0}, {"failed", 0}, {"own", false}}};
  if (call.method == "Blocked") return {.parameters = {{"blocked", Json::array()}}};
  if (call.method == "Queues") return {.parameters = {{"queues", demo_queues(samples_, rules_)}}};
  if (call.method == "History")
    return {.parameters = {{"generations", Json::array({generation(newest_, deadline_ ? "applied" : "confirmed"),
                                                        generation(newest_ - 1, "confirmed")})}}};
  if (call.method == "Apply") {
    const std::int64_t seconds = call.parameters.value("confirm_seconds", std::int64_t{0});
    ++newest_;
    deadline_ = base::boottime() + seconds * kSecond;
    if (back_timer_) loop_.cancel(*back_timer_);
    back_timer_ = loop_.call_at(*deadline_, [this] {
      back_timer_.reset();
      if (deadline_) go_back();
    });
    return {.parameters = {{"applied",
                            {{"generation", newest_},
                             {"directory", "/etc/vuurmuur"},
                             {"backend", "nft"},
                             {"rules", static_cast<std::int64_t>(rules_.size()) * 3},
                             {"ended_connections", 0},
                             {"goes_back_to", confirmed_},
                             {"warnings", Json::array()},
                             {"text", ""}}}}};
  }
  if (call.method == "Confirm" && deadline_) {
    deadline_.reset();
    confirmed_ = newest_;
    return {.parameters = {{"confirmed", confirmed_}}};
  }
  if (call.method == "TakeBack" && deadline_) {
    const std::int64_t taken = newest_;
    go_back();
    return {
        .parameters = {{"taken_back", taken}, {"in_force", confirmed_}, {"reason", ""}, {"warnings", Json::array()}}};
  }
  return refused("this is a demo: there is no daemon to do that");
}

void DemoDaemon::sample() {
  sample_timer_ = loop_.call_after(kSample, [this] { sample(); });
  if (streams_.log) on_event_(app::LogRead{.news = demo_log(samples_, rules_)});
  if (streams_.connections) on_event_(app::ConnectionsSampled{.sample = demo_connections(samples_, rules_)});
  if (streams_.counters) on_event_(app::CountersSampled{.counters = counters()});
  ++samples_;
}

app::Counters DemoDaemon::counters() const {
  app::Counters counters{.time = std::time(nullptr), .seconds = samples_ == 0 ? 0.0 : 2.0};
  for (std::size_t i = 0; i < interfaces_.size(); ++i)
    counters.interfaces.push_back({.name = interfaces_[i],
                                   .in = rate_of(samples_, i, 4e6 / static_cast<double>(i + 1)),
                                   .out = rate_of(samples_, i + 7, 3e5 * static_cast<double>(i + 1))});
  // Every fifth rule is one that nobody ever meets.
  for (std::size_t i = 0; i < rules_.size(); ++i)
    if (i % 5 != 4) counters.rules[rules_[i]] = rate_of(samples_, i, 2e4 / static_cast<double>(i + 1));
  return counters;
}

}  // namespace vuurmuur::client
