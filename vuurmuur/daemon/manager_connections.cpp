// SPDX-License-Identifier: GPL-2.0-or-later
// What the service tells of live connections, and which it ends.
#include <expected>

#include "base/assert.h"
#include "control/kill_connections.h"
#include "daemon/connection_sampler.h"
#include "daemon/in_force_cache.h"
#include "daemon/manager_service.h"
#include "daemon/replies.h"
#include "daemon/wish.h"
#include "diag/render.h"

namespace vuurmuur::daemon {

using control::ConnectionQuery;
using ipc::Json;
using ipc::Reply;

namespace {

constexpr std::uint64_t kMostConnections = 10'000, kUsualConnections = 1000;
/// Of a sample, which comes again and again.
constexpr std::uint64_t kMostWatched = 1000, kUsualWatched = 100;

/// What is wrong with a filter, as people read it.
Reply wrong_filter(const diag::Sink& sink, const diag::SourceMap& sources) {
  return error("WrongFilter",
               {{"message", sink.all().front().message}, {"text", diag::render(sink, sources, diag::Style::Plain)}});
}

/// The parameters "filter" and "family". A reply when the filter is wrong.
std::optional<Reply> read_filter(Parameters& parameters, const control::InForce& in_force, ConnectionQuery& query) {
  const std::string text = parameters.text("filter").value_or("");
  if (const auto family = parameters.number("family", 6)) {
    if (*family != 4 && *family != 6) parameters.refuse("family");
    query.family = *family == 4 ? net::Family::Ipv4 : net::Family::Ipv6;
  }
  diag::SourceMap sources;
  diag::Sink sink;
  query.filter = filter::parse(text, sources.add("filter", text), filter::Of::Connections, sink);
  if (!sink.has_errors()) check_words(query.filter, control::known_words(in_force), sink);
  if (sink.has_errors()) return wrong_filter(sink, sources);
  return std::nullopt;
}

Json parsed(const std::string& line) { return Json::parse(line, /*callback=*/nullptr, /*allow_exceptions=*/false); }

}  // namespace

InForceCache& ManagerService::in_force() {
  if (!in_force_) in_force_ = std::make_unique<InForceCache>(files_, settings_.state_directory);
  return *in_force_;
}

std::expected<ConnectionQuery, Reply> ManagerService::read_query(Parameters& parameters, std::uint64_t usual,
                                                                 std::uint64_t most) {
  const auto now = in_force().get();
  if (!now) return std::unexpected(refusal(now.error()));
  ConnectionQuery query;
  const auto wrong_words = read_filter(parameters, **now, query);
  const auto order = control::connection_order_named(parameters.text("order").value_or("none"));
  const auto grouping = control::connection_grouping_named(parameters.text("group_by").value_or("none"));
  query.limit = parameters.number("limit", most).value_or(usual);
  query.rules = parameters.flag("rules");
  if (!order) parameters.refuse("order");
  if (!grouping) parameters.refuse("group_by");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return std::unexpected(invalid(wrong));
  if (wrong_words) return std::unexpected(*wrong_words);
  query.order = *order;
  query.grouping = *grouping;
  return query;
}

Reply ManagerService::connections(const Caller&, Parameters& parameters) {
  const auto query = read_query(parameters, kUsualConnections, kMostConnections);
  if (!query) return query.error();
  auto found = look_at_connections(in_force(), *query);
  if (!found) return refusal(found.error());
  return {.parameters = std::move(*found)};
}

Reply ManagerService::watch_connections(const Caller& caller, Parameters& parameters) {
  const std::uint64_t seconds = parameters.number("seconds", ConnectionSampler::kLongestInterval).value_or(2);
  if (seconds == 0) return invalid("seconds");
  auto query = read_query(parameters, kUsualWatched, kMostWatched);
  if (!query) return query.error();
  if (!caller.takes_more) return expected_more();
  VM_ASSERT(connection_sampler_ != nullptr && caller.client);
  return connection_sampler_->add(*caller.client, in_force(), std::move(*query), seconds);
}

Reply ManagerService::kill_connections(const Caller&, Parameters& parameters) {
  const auto in_force = this->in_force().get();
  if (!in_force) return refusal(in_force.error());
  control::KillRequest request;
  const auto wrong_words = read_filter(parameters, **in_force, request.query);
  const bool may_be_all = parameters.flag("all");
  request.own = read_own_connection(parameters);
  request.may_end_own = parameters.flag("force");
  request.is_dry = parameters.flag("dry_run");
  if (!may_be_all && !wrong_words && request.query.filter.is_empty()) parameters.refuse("filter");
  if (const auto wrong = parameters.wrong(); !wrong.empty()) return invalid(wrong);
  if (wrong_words) return *wrong_words;
  const auto report = control::kill_connections(this->in_force().kernel(), **in_force, request);
  if (!report) return refusal(report.error());
  Json connections = Json::array();
  for (const std::string& line : report->connections) connections.push_back(parsed(line));
  return {.parameters = {{"matched", report->matched},
                         {"ended", report->ended},
                         {"gone", report->gone},
                         {"failed", report->failed},
                         {"failure", report->failure.empty() ? Json(nullptr) : Json(report->failure)},
                         {"own", report->has_own},
                         {"connections", std::move(connections)}}};
}

}  // namespace vuurmuur::daemon
