// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/queue_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "compile/log_identity.h"

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

/// Numbers at which something else begins, in 32 bits: there is one behind the last queue.
std::vector<std::uint32_t> borders(std::span<const QueueRule> rules,
                                   std::span<const apply::QueueStatistics> statistics) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(2 * (rules.size() + statistics.size()));
  const auto add = [&](std::uint32_t first, std::uint32_t last) {
    numbers.push_back(first);
    numbers.push_back(last + 1);
  };
  for (const QueueRule& rule : rules) add(rule.range.first, rule.range.last);
  for (const auto& queue : statistics) add(queue.number, queue.number);
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
  return numbers;
}

}  // namespace

std::vector<QueueRule> queue_rules(const sema::Policy& policy) {
  std::vector<QueueRule> rules;
  for (const sema::Rule& rule : policy.rules) {
    if (*rule.source->action != model::Action::Nfqueue || rule.never) continue;
    const auto& queue = rule.source->options.queue;
    rules.push_back({.range = queue ? queue->value : model::QueueRange{},
                     .bypass = rule.source->options.queue_bypass.has_value(),
                     .rule = compile::rule_label(*rule.source),
                     .place = rule.place});
  }
  return rules;
}

std::string_view to_string(QueueHealth health) {
  switch (health) {
    case QueueHealth::Well: return "well";
    case QueueHealth::Unattended: return "unattended";
    case QueueHealth::Dropping: return "dropping";
    case QueueHealth::Stuck: return "stuck";
  }
  return "";
}

bool is_served(QueueHealth health) { return health != QueueHealth::Unattended && health != QueueHealth::Stuck; }

bool QueueRow::passes_unattended() const { return !rules.empty() && std::ranges::all_of(rules, &QueueRule::bypass); }

std::vector<QueueRow> queue_report(std::span<const QueueRule> rules,
                                   std::span<const apply::QueueStatistics> statistics) {
  std::vector<const QueueRule*> by_first;
  by_first.reserve(rules.size());
  for (const QueueRule& rule : rules) by_first.push_back(&rule);
  std::ranges::stable_sort(by_first, {}, [](const QueueRule* rule) { return rule->range.first; });

  std::vector<QueueRow> rows;
  std::vector<const QueueRule*> active;  // in their order
  auto next_rule = by_first.begin();
  auto next_queue = statistics.begin();
  const auto numbers = borders(rules, statistics);
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
    const std::uint32_t first = numbers[i];
    std::erase_if(active, [&](const QueueRule* rule) { return rule->range.last < first; });
    for (; next_rule != by_first.end() && (*next_rule)->range.first == first; ++next_rule) active.push_back(*next_rule);
    std::ranges::sort(active);
    QueueRow row{.first = static_cast<std::uint16_t>(first),
                 .last = static_cast<std::uint16_t>(numbers[i + 1] - 1),
                 .rules = active,
                 .consumer = {}};
    if (next_queue != statistics.end() && next_queue->number == first) row.consumer = *next_queue++;
    if (!row.rules.empty() || row.consumer) rows.push_back(std::move(row));
  }
  return rows;
}

std::string queue_numbers(std::uint16_t first, std::uint16_t last) {
  return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

Json json_of(const QueueRow& row, QueueHealth health) {
  Json rules = Json::array();
  for (const QueueRule* rule : row.rules) rules.push_back({{"rule", rule->rule}, {"place", rule->place}});
  Json document{{"first", row.first},
                {"last", row.last},
                {"state", to_string(health)},
                {"bypass", row.passes_unattended()},
                {"rules", std::move(rules)}};
  if (const auto& queue = row.consumer) {
    document["port_id"] = queue->port_id;
    document["waiting"] = queue->waiting;
    document["dropped"] = queue->dropped;
    document["user_dropped"] = queue->user_dropped;
    document["packets"] = queue->last_id;
    document["copied"] = queue->copy_mode == 2 ? queue->copy_range : 0;
  }
  return document;
}

}  // namespace vuurmuur::control
