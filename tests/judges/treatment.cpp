// SPDX-License-Identifier: GPL-2.0-or-later
#include "treatment.h"

#include <fmt/format.h>

#include "certificate.h"

namespace vuurmuur::judges {
namespace {

std::string reject_text(const model::Options& options, bool is_tcp) {
  const model::RejectType type = options.reject_type ? **options.reject_type : model::RejectType::PortUnreachable;
  if (type == model::RejectType::TcpReset && !is_tcp) return reject_text({}, is_tcp);
  return fmt::format("reject {}", static_cast<int>(type));
}

}  // namespace

Treatment treatment(const sema::Policy& policy, std::size_t place, bool is_tcp) {
  if (place == kNobody) {
    if (!policy.settings->log_policy) return {};
    return {.is_logged = true, .log_limit = policy.settings->log_policy_limit};
  }
  const sema::Rule& rule = policy.rules[place];
  const model::Action action = *rule.source->action;
  const model::Options& options = rule.source->options;
  Treatment what;
  if (action == model::Action::Reject) what.verdict = reject_text(options, is_tcp);
  if (action != model::Action::Drop && action != model::Action::Reject) {
    what.verdict = "pass";
    what.mark = options.nfmark;
    what.helper = rule.helper;
  }
  if (action == model::Action::Nfqueue) {
    what.verdict = "queue";
    if (options.queue) what.queue = **options.queue;
    what.bypass = options.queue_bypass.has_value();
    what.fanout = options.queue_fanout.has_value();
  }
  if (action == model::Action::Nflog) {
    what.verdict = "copy";
    what.group = options.log_group;
  }
  what.is_logged = options.log.has_value();
  if (what.is_logged) {
    if (options.log_prefix) what.prefix = **options.log_prefix;
    if (options.log_limit) what.log_limit = **options.log_limit;
  }
  return what;
}

}  // namespace vuurmuur::judges
