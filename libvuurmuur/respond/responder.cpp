// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/responder.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace vuurmuur::respond {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// Who is nobody that could be kept out: this network and machine, link-local, multicast, broadcast (RFC 6890, RFC
/// 4291).
constexpr std::array<std::string_view, 9> kNobody{"0.0.0.0/8",   "127.0.0.0/8", "169.254.0.0/16",
                                                  "224.0.0.0/3", "::/127",      "::ffff:0:0/96",
                                                  "fe80::/10",   "ff00::/8",    "::1/128"};

std::vector<net::Prefix> with_nobody(std::vector<net::Prefix> never) {
  for (const std::string_view text : kNobody)
    if (const auto prefix = net::Prefix::parse(text)) never.push_back(*prefix);
  return never;
}

}  // namespace

Responder::Responder(Responses responses, std::vector<net::Prefix> never, IsOwn is_own)
    : responses_(std::move(responses)),
      never_(with_nobody(std::move(never))),
      is_own_(std::move(is_own)),
      turns_(responses_.most_a_second) {}

bool Responder::is_never(const net::Address& address) const {
  return std::ranges::any_of(never_, [&](const net::Prefix& prefix) { return prefix.contains(address); }) ||
         is_own_(address);
}

bool Responder::has_turn(std::int64_t now) {
  const double passed = static_cast<double>(now - counted_) / static_cast<double>(kSecond);
  turns_ = std::min<double>(responses_.most_a_second, turns_ + passed * responses_.most_a_second);
  counted_ = now;
  if (turns_ < 1) return false;
  turns_ -= 1;
  return true;
}

void Responder::forget_past(std::int64_t now) {
  while (!ends_.empty() && ends_.begin()->first <= now) {
    blocked_.erase(ends_.begin()->second);
    ends_.erase(ends_.begin());
  }
}

void Responder::set(const net::Address& address, Blocked blocked) {
  const auto [at, is_new] = blocked_.try_emplace(address, blocked);
  if (!is_new) ends_.erase({at->second.until, address});
  at->second = blocked;
  ends_.emplace(blocked.until, address);
}

void Responder::remember(const net::Address& address, std::chrono::nanoseconds left, std::int64_t now,
                         std::string bait) {
  set(address, {.until = now + left.count(), .decided = now - kSecond, .bait = std::move(bait)});
}

Decision Responder::decide(const Alert& alert, std::int64_t now) {
  using Kind = Decision::Kind;
  using Action = Response::Action;
  const auto met = std::ranges::find_if(responses_.responses,
                                        [&](const Response& response) { return response.when.is_met_by(alert); });
  if (met == responses_.responses.end()) return {};
  Decision decision{.kind = Kind::Ignored, .time = met->time, .response = &*met};
  if (met->action == Action::Ignore) return decision;
  const bool is_bait = met->action == Action::BaitSource || met->action == Action::BaitDestination;
  const bool is_source = met->action == Action::BlockSource || met->action == Action::BaitSource;
  decision.address = is_source ? alert.source : alert.destination;
  const auto as = [&](Kind kind) {
    decision.kind = kind;
    return decision;
  };
  if (is_never(decision.address)) return as(Kind::Never);
  forget_past(now);
  // One who goes on is told of again now and then, so that his time begins anew and a block that somebody took back by
  // mistake comes back.
  const auto known = blocked_.find(decision.address);
  const std::string& bait = *met->bait;
  const bool is_other = known != blocked_.end() && known->second.bait != bait;
  // Who is blocked is not let in again to be led somewhere; the other way round a block is the stronger of the two.
  if (is_other && known->second.bait.empty()) return as(Kind::Repeated);
  if (known != blocked_.end() && !is_other && now - known->second.decided < kSecond) return as(Kind::Repeated);
  if (known == blocked_.end() && blocked_.size() >= responses_.most_blocked) return as(Kind::TooMany);
  if (!has_turn(now)) return as(Kind::TooFast);
  const std::int64_t until = now + std::chrono::nanoseconds(met->time).count();
  // A shorter time does not end a longer one.
  set(decision.address, {.until = known == blocked_.end() || is_other ? until : std::max(until, known->second.until),
                         .decided = now,
                         .bait = bait});
  if (known != blocked_.end()) {
    const auto left = std::chrono::nanoseconds(known->second.until - now);
    decision.time = std::chrono::ceil<std::chrono::seconds>(left);
  }
  return as(is_bait ? Kind::Bait : Kind::Block);
}

}  // namespace vuurmuur::respond
