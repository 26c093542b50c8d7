// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/daemon_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace vuurmuur::client {
namespace {

/// Seconds between two samples of the counters.
constexpr int kCounterSeconds = 2;
/// The same of live connections, and how many are asked for: more than a person looks through.
constexpr int kConnectionSeconds = 2, kMostConnections = 1000;

ipc::Call call_of(const std::string& method, ipc::Json parameters = ipc::Json::object(), bool more = false) {
  return {.method = "org.vuurmuur.Manager." + method, .parameters = std::move(parameters), .more = more};
}

}  // namespace

std::vector<std::string> usual_places() {
  const char* named = std::getenv("VUURMUUR_SOCKET");
  if (named == nullptr || *named == '\0') return {"/run/vuurmuur-control", "/run/vuurmuur/control"};
  if (std::string_view(named) == "none") return {};
  return {named};
}

DaemonLink::DaemonLink(base::PollLoop& loop, Options options, std::function<void(const app::Event&)> on_event)
    : loop_(loop), options_(std::move(options)), on_event_(std::move(on_event)) {}

DaemonLink::~DaemonLink() {
  if (retry_) loop_.cancel(*retry_);
  if (sweep_) loop_.cancel(*sweep_);
}

void DaemonLink::start() {
  if (options_.places.empty()) return on_event_(app::LinkChanged{.link = app::Link::Offline});
  try_next(0);
}

Connection* DaemonLink::open(const std::string& place, const ipc::Call& call, Connection::Callbacks callbacks) {
  auto opened = Connection::open(loop_, place, call, std::move(callbacks));
  if (!opened) {
    last_reason_ = opened.error().message;
    return nullptr;
  }
  connections_.push_back(std::move(*opened));
  return connections_.back().get();
}

/// Connections that are done with go when none of their callbacks runs.
void DaemonLink::sweep() {
  if (sweep_) return;
  sweep_ = loop_.call_after(std::chrono::nanoseconds(0), [this] {
    sweep_.reset();
    std::erase_if(connections_, [](const auto& each) { return each->is_done(); });
  });
}

void DaemonLink::try_next(std::size_t place) {
  for (; place < options_.places.size(); ++place) {
    const auto next = [this, place](const std::string& reason) {
      last_reason_ = reason;
      sweep();
      try_next(place + 1);
    };
    if (open(options_.places[place], call_of("About"),
             {.on_reply = [this, place](const ipc::Reply& about) { on_about(place, about); }, .on_end = next}) !=
        nullptr)
      return;
  }
  lost(last_reason_);
}

void DaemonLink::on_about(std::size_t place, const ipc::Reply& about) {
  sweep();
  const std::string& path = options_.places[place];
  const auto version = about.parameters.value("version", "");
  if (!about.error.empty() || version != options_.version) {
    last_reason_ =
        fmt::format("the daemon at '{}' is of version {}, this program of {}", path, version, options_.version);
    return try_next(place + 1);
  }
  if (options_.network_namespace &&
      about.parameters.value("network_namespace", std::uint64_t{0}) != *options_.network_namespace) {
    last_reason_ = fmt::format("the daemon at '{}' is in another network namespace", path);
    return try_next(place + 1);
  }
  if (const auto configuration = about.parameters.value("configuration", ""); configuration != options_.configuration) {
    last_reason_ =
        fmt::format("the daemon at '{}' applies '{}', not '{}'", path, configuration, options_.configuration);
    return try_next(place + 1);
  }
  connected(path);
}

void DaemonLink::connected(const std::string& place) {
  place_ = place;
  on_event_(app::LinkChanged{.link = app::Link::There});
  const Connection* monitor = open(place_, call_of("Monitor", ipc::Json::object(), /*more=*/true),
                                   {.on_reply =
                                        [this](const ipc::Reply& reply) {
                                          if (reply.error.empty() && reply.continues) return ask_status();
                                          lost(reply.error.empty() ? "the daemon tells no more" : reply.error);
                                        },
                                    .on_end = [this](const std::string& reason) { lost(reason); }});
  if (monitor == nullptr) return lost(last_reason_);
  follow();
}

void DaemonLink::lost(const std::string& reason) {
  place_.clear();
  counters_.connection = log_.connection = live_.connection = nullptr;
  sweep();
  on_event_(app::LinkChanged{.link = app::Link::Lost, .reason = reason});
  if (retry_) loop_.cancel(*retry_);
  retry_ = loop_.call_after(options_.retry, [this] {
    retry_.reset();
    try_next(0);
  });
}

/// Several things that happen at once are one question.
void DaemonLink::ask_status() {
  if (is_asking_status_) {
    has_news_ = true;
    return;
  }
  is_asking_status_ = true;
  const auto done = [this] {
    is_asking_status_ = false;
    sweep();
    if (std::exchange(has_news_, false) && !place_.empty()) ask_status();
  };
  const Connection* asked = open(place_, call_of("Status"),
                                 {.on_reply =
                                      [this, done](const ipc::Reply& reply) {
                                        if (reply.error.empty())
                                          on_event_(app::StatusKnown{.status = app::status_from(reply.parameters)});
                                        done();
                                      },
                                  .on_end = [done](const std::string&) { done(); }});
  if (asked == nullptr) is_asking_status_ = false;
}

void DaemonLink::call(const app::Call& call) {
  const auto refuse = [this, request = call.request](const std::string& reason) {
    sweep();
    on_event_(app::Reply{
        .request = request,
        .reply = {.parameters = {{"message", reason}, {"code", 0}}, .error = "org.vuurmuur.Manager.Refused"}});
  };
  if (place_.empty()) return refuse("the daemon is not there");
  const Connection* asked = open(place_, call_of(call.method, call.parameters),
                                 {.on_reply =
                                      [this, request = call.request](const ipc::Reply& reply) {
                                        sweep();
                                        on_event_(app::Reply{.request = request, .reply = reply});
                                      },
                                  .on_end = refuse});
  if (asked == nullptr) refuse(last_reason_);
}

void DaemonLink::want(const app::Streams& streams) {
  if (streams == streams_) return;
  streams_ = streams;
  if (!place_.empty()) follow();
}

void DaemonLink::follow() {
  using ipc::Json;
  using Wish = std::optional<Json>;
  Wish counters, log, live;
  if (streams_.counters) counters = Json({{"seconds", kCounterSeconds}});
  if (streams_.log) log = Json::object();
  if (const auto& wish = streams_.connections) {
    live = Json({{"order", wish->order},
                 {"group_by", wish->group_by},
                 {"limit", kMostConnections},
                 {"rules", true},
                 {"seconds", kConnectionSeconds}});
    if (!wish->filter.empty()) (*live)["filter"] = wish->filter;
  }
  follow(counters_, "WatchCounters", counters,
         [](const Json& json) -> app::Event { return app::CountersSampled{.counters = app::counters_from(json)}; });
  follow(log_, "WatchLog", log,
         [](const Json& json) -> app::Event { return app::LogRead{.news = app::log_from(json)}; });
  follow(live_, "WatchConnections", live,
         [](const Json& json) -> app::Event { return app::ConnectionsSampled{.sample = app::connections_from(json)}; });
}

void DaemonLink::follow(Stream& stream, const char* method, const std::optional<ipc::Json>& parameters,
                        app::Event (*event_of)(const ipc::Json&)) {
  if (stream.connection != nullptr && (!parameters || *parameters != stream.parameters)) {
    stream.connection->stop();
    stream.connection = nullptr;
    sweep();
  }
  if (!parameters || stream.connection != nullptr) return;
  const auto end = [this, &stream, method](const std::string& reason) {
    stream.connection = nullptr;
    on_event_(app::StreamEnded{.method = method, .reason = reason});
  };
  stream.parameters = *parameters;
  stream.connection = open(place_, call_of(method, *parameters, /*more=*/true),
                           {.on_reply =
                                [this, end, event_of](const ipc::Reply& reply) {
                                  if (!reply.error.empty()) return end(app::why_refused(reply));
                                  on_event_(event_of(reply.parameters));
                                  if (!reply.continues) end("the daemon tells no more");
                                },
                            .on_end = end});
}

}  // namespace vuurmuur::client
