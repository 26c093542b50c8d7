// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <map>
#include <set>

#include "sema/rules.h"

namespace vuurmuur::sema {
namespace {

using model::Action;

template <class T>
struct FirstUse {
  T use;
  const model::Rule* rule;
};

std::string describe(const QueueUse& use) {
  std::string text = use.range.first == use.range.last ? fmt::format("queue {}", use.range.first)
                                                       : fmt::format("queues {}:{}", use.range.first, use.range.last);
  text += use.bypass ? " with bypass" : " without bypass";
  if (use.fanout) text += ", with fanout";
  if (use.nfmark) text += fmt::format(", nfmark {:#x}/{:#x}", use.nfmark->value, use.nfmark->mask);
  if (use.release) text += fmt::format(", release {:#x}/{:#x}", use.release->value, use.release->mask);
  if (use.drop_urgent) text += ", dropurg";
  return text;
}

template <class T>
std::optional<T> value_of(const std::optional<model::Located<T>>& option) {
  if (!option) return std::nullopt;
  return option->value;
}

diag::Span queue_span(const model::Rule& rule) {
  return rule.options.queue ? rule.options.queue->span : rule.action.span;
}

bool accepts_with_mark(Action action) {
  return action == Action::Accept || action == Action::Portfw || action == Action::Redirect || action == Action::Bounce;
}

}  // namespace

void resolve_shared_numbers(Policy& policy, diag::Sink& sink) {
  std::map<std::uint16_t, FirstUse<QueueUse>> queues;
  std::map<std::uint16_t, FirstUse<LogGroupUse>> groups;
  std::set<std::pair<std::uint32_t, std::uint32_t>> marks;
  for (const Rule& rule : policy.rules) {
    const model::Options& options = rule.source->options;
    const Action action = *rule.source->action;
    if (action == Action::Nfqueue) {
      const QueueUse use{.range = value_of(options.queue).value_or(model::QueueRange{}),
                         .bypass = options.queue_bypass.has_value(),
                         .fanout = options.queue_fanout.has_value(),
                         .nfmark = value_of(options.nfmark),
                         .release = value_of(options.queue_release),
                         .drop_urgent = options.queue_drop_urgent.has_value()};
      // A connection that is given back keeps its packet mark.
      if (use.nfmark && use.release) marks.emplace(use.nfmark->value, use.nfmark->mask);
      const auto [first, is_new] = queues.try_emplace(use.range.first, FirstUse<QueueUse>{use, rule.source});
      if (is_new || first->second.use == use) continue;
      sink.error("queue-conflict", queue_span(*rule.source),
                 fmt::format("this rule says {}, an earlier one {}: a connection's mark tells only the first number, "
                             "so they must agree",
                             describe(use), describe(first->second.use)))
          .notes.push_back({queue_span(*first->second.rule), "the earlier rule"});
    } else if (action == Action::Nflog) {
      const LogGroupUse use{value_of(options.log_group).value_or(0), value_of(options.nfmark)};
      const auto [first, is_new] = groups.try_emplace(use.group, FirstUse<LogGroupUse>{use, rule.source});
      if (is_new || first->second.use == use) continue;
      sink.error(
              "log-group-conflict", rule.source->action.span,
              fmt::format("this rule and an earlier one both log to group {}, but their nfmark differs: a connection's "
                          "mark tells only the group, so they must agree",
                          use.group))
          .notes.push_back({first->second.rule->action.span, "the earlier rule"});
    } else if (options.nfmark && accepts_with_mark(action)) {
      marks.emplace(options.nfmark->value.value, options.nfmark->value.mask);
    }
  }
  for (const auto& [value, mask] : marks) policy.packet_marks.push_back({value, mask});
  for (const auto& [number, first] : queues) policy.queues.push_back(first.use);
  for (const auto& [number, first] : groups) policy.log_groups.push_back(first.use);
}

}  // namespace vuurmuur::sema
