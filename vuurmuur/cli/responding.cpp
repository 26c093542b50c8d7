// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/responding.h"

#include <fmt/format.h>

#include <algorithm>
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
  baits_ = std::move(policy.baits);
  return {std::move(policy.responses), std::move(policy.never),
          [this](const net::Address& address) { return own_.find(address) != nullptr; }};
}

void Responding::follow(ResponsePolicy policy) {
  responder_ = responder_of(std::move(policy));
  remember_blocked();
}

void Responding::remember_blocked() {
  const std::int64_t now = base::boottime();
  const auto told = ask("Baited", Json::object());
  const auto baited = told ? control::baited_from(told->value("baited", Json::array())) : std::nullopt;
  if (!baited) tell(context_, "warning", "who is led to baits already is not known");
  // Whoever is both counts as blocked, which is the stronger of the two.
  for (const control::Baited& each : baited.value_or(std::vector<control::Baited>{}))
    if (each.left) responder_.remember(each.address, *each.left, now, each.to);
  const auto answer = ask("Blocked", Json::object());
  const auto blocked = answer ? answer->find("blocked") : Json::const_iterator();
  const auto blocks = answer && blocked != answer->end() ? control::blocks_from(*blocked) : std::nullopt;
  if (!blocks) return tell(context_, "warning", "who is blocked already is not known");
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
  const bool is_bait = decision.kind == Kind::Bait;
  if (decision.kind != Kind::Block && !is_bait) {
    ++left_out_[decision.kind];
    return;
  }
  const std::string bait = is_bait ? *decision.response->bait : std::string();
  if (is_bait && !can_lead(decision.address, bait)) return;
  pending_[{decision.time, bait}].push_back({.address = decision.address, .alert = std::move(**alert)});
  if (++pending_count_ >= kMostPending) block_pending();
}

bool Responding::can_lead(const net::Address& address, const std::string& bait) {
  const auto found = std::ranges::find(baits_, bait, &sema::Bait::name);
  if (found != baits_.end() && found->address(address.family)) return true;
  tell(context_, "error",
       fmt::format("{} not led to {}, which has no address of its family", address.to_string(), bait));
  return false;
}

void Responding::block_pending() {
  auto blocked = Json::array();
  for (const auto& [what, all] : pending_) {
    const auto& [time, bait] = what;
    std::vector<std::string> addresses;
    for (const Pending& pending : all) addresses.push_back(pending.address.to_string());
    Json parameters{{"addresses", addresses}, {"for_seconds", time.count()}};
    if (bait.empty())
      parameters["kill"] = false;
    else
      parameters["to"] = bait;
    const auto answer = is_dry_ ? Json{{"in_force", false}} : ask(bait.empty() ? "Block" : "Bait", parameters);
    if (!answer) {
      tell(context_, "error",
           fmt::format("{} not {}: {}", fmt::join(addresses, ", "), bait.empty() ? "blocked" : "led to " + bait,
                       answer.error().message));
      continue;
    }
    for (const Pending& pending : all) tell_done(pending, what, *answer);
    if (bait.empty())
      for (std::string& address : addresses) blocked.push_back(std::move(address));
  }
  pending_.clear();
  pending_count_ = 0;
  context_.out.flush();
  // Nothing new comes in any more; looking for what is live takes several times as long as that.
  if (is_dry_ || blocked.empty()) return;
  if (const auto ended = ask("EndConnections", {{"addresses", blocked}}); !ended)
    tell(context_, "error", fmt::format("live connections may go on: {}", ended.error().message));
}

void Responding::tell_done(const Pending& pending, const What& what, const Json& answer) {
  const auto& [time, bait] = what;
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
    if (!bait.empty()) told["to"] = bait;
    // What others wrote need not be UTF-8.
    context_.out << told.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    return;
  }
  const std::string done =
      bait.empty() ? std::string(is_dry_ ? "would block" : "blocked") : std::string(is_dry_ ? "would lead" : "led");
  context_.out << fmt::format("{} {}{} for {}: {} '{}' from {} to {}\n", done, pending.address.to_string(),
                              bait.empty() ? "" : " to " + bait, base::duration_text(time), alert.signature,
                              log::escaped(alert.message), alert.source.to_string(), alert.destination.to_string());
  if (!is_in_force && !is_dry_)
    tell(context_, "warning",
         bait.empty() ? "no rules of Vuurmuur that ask who is blocked are in the kernel"
                      : "no rules of Vuurmuur that lead to " + bait + " are in the kernel");
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
