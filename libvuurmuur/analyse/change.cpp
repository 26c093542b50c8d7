// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/change.h"

#include <string>
#include <tuple>
#include <utility>

namespace vuurmuur::analyse {
namespace {

using model::Action;

Action action_of(const Decision& decision) {
  return decision.rule == nullptr ? Action::Drop : *decision.rule->source->action;
}

bool is_blocked(Action action) { return action == Action::Drop || action == Action::Reject; }

model::RejectType answer_of(const Decision& decision) {
  const auto& type = decision.rule->source->options.reject_type;
  return type ? **type : model::RejectType::PortUnreachable;
}

bool is_set(const std::optional<model::Located<bool>>& option) { return option && **option; }

/// How it is queued.
auto queueing_of(const model::Options& options) {
  const model::QueueRange range = options.queue ? **options.queue : model::QueueRange{};
  const auto release = options.queue_release ? **options.queue_release : model::PacketMark{.value = 0, .mask = 0};
  return std::tuple(range.first, range.last, is_set(options.queue_bypass), is_set(options.queue_fanout),
                    is_set(options.queue_drop_urgent), options.queue_release.has_value(), release.value, release.mask);
}

bool is_logged(const Decision& decision) {
  return decision.rule == nullptr ? decision.settings->log_policy : is_set(decision.rule->source->options.log);
}

/// What its log records have for a prefix, and how many there are in a second (0: all).
std::pair<std::string, std::uint32_t> records_of(const Decision& decision) {
  if (decision.rule == nullptr) return {"", decision.settings->log_policy_limit};
  const model::Options& options = decision.rule->source->options;
  return {options.log_prefix ? **options.log_prefix : "", options.log_limit ? **options.log_limit : 0};
}

bool log_differs(const Decision& from, const Decision& to) {
  if (is_logged(from) != is_logged(to)) return true;
  if (is_logged(from) && records_of(from) != records_of(to)) return true;
  const bool is_group = action_of(from) == Action::Nflog;
  return is_group != (action_of(to) == Action::Nflog) ||
         (is_group && from.rule->source->options.log_group != to.rule->source->options.log_group);
}

}  // namespace

std::optional<Change> change_of(const Decision& from, const Decision& to) {
  const Action a = action_of(from), b = action_of(to);
  if (is_blocked(a) != is_blocked(b)) return is_blocked(a) ? Change::Allowed : Change::Blocked;
  if (is_blocked(a)) {
    if (a != b || (a == Action::Reject && answer_of(from) != answer_of(to))) return Change::Refused;
  } else {
    const model::Options &one = from.rule->source->options, &other = to.rule->source->options;
    if ((a == Action::Nfqueue) != (b == Action::Nfqueue) ||
        (a == Action::Nfqueue && queueing_of(one) != queueing_of(other)))
      return Change::Queued;
    if (one.nfmark != other.nfmark || from.rule->helper != to.rule->helper) return Change::Handled;
  }
  return log_differs(from, to) ? std::optional(Change::Logged) : std::nullopt;
}

std::optional<Change> change_outside_tcp(const Decision& from, const Decision& to) {
  const std::optional<Change> change = change_of(from, to);
  if (change != Change::Refused || action_of(from) != action_of(to)) return change;
  const auto without_reset = [](model::RejectType type) {
    return type == model::RejectType::TcpReset ? model::RejectType::PortUnreachable : type;
  };
  if (without_reset(answer_of(from)) != without_reset(answer_of(to))) return change;
  return log_differs(from, to) ? std::optional(Change::Logged) : std::nullopt;
}

}  // namespace vuurmuur::analyse
