// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/queue_need.h"

#include <fmt/format.h>

#include <algorithm>

#include "compile/log_identity.h"

namespace vuurmuur::doctor {

std::vector<QueueNeed> queue_needs(const sema::Policy& policy, const diag::SourceMap& sources) {
  std::vector<QueueNeed> needs;
  for (const sema::Rule& rule : policy.rules) {
    if (*rule.source->action != model::Action::Nfqueue || rule.never) continue;
    const model::Options& options = rule.source->options;
    QueueNeed need{.range = options.queue ? options.queue->value : model::QueueRange{},
                   .bypass = options.queue_bypass.has_value(),
                   .drop_urgent = options.queue_drop_urgent.has_value(),
                   .rule = compile::rule_label(*rule.source),
                   .place = rule.place,
                   .line = fmt::format("RULE=\"{}\"", sources.text(rule.source->span))};
    if (options.queue_release) need.release = options.queue_release->value;
    if (options.nfmark) need.nfmark = options.nfmark->value;
    needs.push_back(std::move(need));
  }
  const auto first = [](const QueueNeed& need) { return need.range.first; };
  std::ranges::stable_sort(needs, {}, first);
  needs.erase(std::ranges::unique(needs, {}, first).begin(), needs.end());
  return needs;
}

Change with_option(const QueueNeed& need, std::string_view option) {
  std::string line = need.line;
  if (!line.empty()) line.pop_back();
  line += fmt::format("{}{}\"", line.find(" options ") == std::string::npos ? " options " : ",", option);
  return {.place = need.place, .from = need.line, .to = std::move(line)};
}

std::string name_of(const model::QueueRange& range) {
  return range.first == range.last ? fmt::format("queue {}", range.first)
                                   : fmt::format("queues {} to {}", range.first, range.last);
}

std::string name_of(const model::PacketMark& mark) { return fmt::format("{:#x}/{:#x}", mark.value, mark.mask); }

}  // namespace vuurmuur::doctor
