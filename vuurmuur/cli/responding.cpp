// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/responding.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "base/poll_loop.h"
#include "cli/kernel_report.h"
#include "control/blocks_json.h"
#include "log/escape.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;
using Kind = respond::Decision::Kind;

/// So many are blocked by one message at most.
constexpr std::size_t kMostPending = 1'000;

}  // namespace

Responding::Responding(Context& context, const Arguments& arguments, ResponsePolicy policy, bool is_dry)
    : context_(context),
      arguments_(arguments),
      is_dry_(is_dry),
      service_(Service::find(context, arguments)),
      own_(sema::Policy{}),
      responder_(responder_of(std::move(policy))) {
  remember_blocked();
}

respond::Responder Responding::responder_of(ResponsePolicy policy) {
  own_.look_around();
  return {std::move(policy.responses), std::move(policy.never),
          [this](const net::Address& address) { return own_.find(address) != nullptr; }};
}

void Responding::follow(ResponsePolicy policy) {
  responder_ = responder_of(std::move(policy));
  remember_blocked();
}

void Responding::remember_blocked() {
  const auto answer = ask("Blocked", Json::object());
  const auto blocked = answer ? answer->find("blocked") : Json::const_iterator();
  const auto blocks = answer && blocked != answer->end() ? control::blocks_from(*blocked) : std::nullopt;
  if (!blocks) return tell(context_, "warning", "who is blocked already is not known");
  const std::int64_t now = base::boottime();
  for (const control::Block& block : *blocks)
    if (block.left && block.prefix == net::Prefix::host(block.prefix.address))
      responder_.remember(block.prefix.address, *block.left, now);
}

base::Result<Json> Responding::ask(const std::string& method, const Json& parameters) {
  auto answer = service_.call(method, parameters);
  if (answer || service_.daemon() == nullptr) return answer;
  // The daemon may have begun anew.
  service_ = Service::find(context_, arguments_);
  return service_.call(method, parameters);
}

void Responding::take(std::string_view line) {
  if (line.empty()) return;
  auto alert = respond::read_alert(line);
  if (!alert) {
    ++unreadable_;
    return;
  }
  if (!*alert) return;
  const respond::Decision decision = responder_.decide(**alert, base::boottime());
  if (decision.kind != Kind::Block) {
    ++left_out_[decision.kind];
    return;
  }
  pending_[decision.time].push_back({.address = decision.address, .alert = std::move(**alert)});
  if (++pending_count_ >= kMostPending) block_pending();
}

void Responding::block_pending() {
  auto blocked = Json::array();
  for (const auto& [time, all] : pending_) {
    auto addresses = Json::array();
    for (const Pending& pending : all) addresses.push_back(pending.address.to_string());
    const auto answer = is_dry_
                            ? Json{{"in_force", false}}
                            : ask("Block", {{"addresses", addresses}, {"for_seconds", time.count()}, {"kill", false}});
    if (!answer) {
      tell(context_, "error", fmt::format("{} not blocked: {}", fmt::join(addresses, ", "), answer.error().message));
      continue;
    }
    for (const Pending& pending : all) tell_blocked(pending, time, *answer);
    blocked.insert(blocked.end(), addresses.begin(), addresses.end());
  }
  pending_.clear();
  pending_count_ = 0;
  context_.out.flush();
  // Nothing new comes in any more; looking for what is live takes several times as long as that.
  if (is_dry_ || blocked.empty()) return;
  if (const auto ended = ask("EndConnections", {{"addresses", blocked}}); !ended)
    tell(context_, "error", fmt::format("live connections may go on: {}", ended.error().message));
}

void Responding::tell_blocked(const Pending& pending, std::chrono::seconds time, const Json& answer) {
  const respond::Alert& alert = pending.alert;
  const bool is_in_force = answer.value("in_force", false);
  if (context_.json) {
    Json told{{"address", pending.address.to_string()},
              {"seconds", time.count()},
              {"in_force", is_in_force},
              {"signature_id", alert.signature},
              {"signature", alert.message},
              {"category", alert.category},
              {"severity", alert.severity},
              {"source", alert.source.to_string()},
              {"destination", alert.destination.to_string()}};
    // What others wrote need not be UTF-8.
    context_.out << told.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    return;
  }
  context_.out << fmt::format("{} {} for {}: {} '{}' from {} to {}\n", is_dry_ ? "would block" : "blocked",
                              pending.address.to_string(), base::duration_text(time), alert.signature,
                              log::escaped(alert.message), alert.source.to_string(), alert.destination.to_string());
  if (!is_in_force && !is_dry_)
    tell(context_, "warning", "no rules of Vuurmuur that ask who is blocked are in the kernel");
}

void Responding::tell_left_out(std::size_t skipped) {
  own_.look_around();
  const auto tell_of = [&](Kind kind, std::string_view why) {
    if (const auto found = left_out_.find(kind); found != left_out_.end())
      tell(context_, "warning", fmt::format("{} alerts led to nothing: {}", found->second, why));
  };
  tell_of(Kind::Never, "they speak of addresses that are never blocked");
  tell_of(Kind::TooFast, "more than 'at most … a second' says");
  tell_of(Kind::TooMany, "as many are blocked as 'at most … blocked' says");
  if (unreadable_ != 0) tell(context_, "warning", fmt::format("{} lines are no events in JSON", unreadable_));
  if (skipped != skipped_told_)
    tell(context_, "warning", fmt::format("{} lines are too long", skipped - skipped_told_));
  skipped_told_ = skipped;
  unreadable_ = 0;
  left_out_.clear();
}

}  // namespace vuurmuur::cli
