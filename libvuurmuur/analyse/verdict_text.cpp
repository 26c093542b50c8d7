// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/verdict_text.h"

#include <fmt/format.h>

namespace vuurmuur::analyse {
namespace {

std::string queue_text(const model::Options& options) {
  const model::QueueRange range = options.queue ? options.queue->value : model::QueueRange{};
  std::string text = range.first == range.last ? fmt::format("to queue {}", range.first)
                                               : fmt::format("to one of the queues {} to {}", range.first, range.last);
  if (options.queue_bypass && options.queue_bypass->value) text += " (accepted when nobody listens)";
  if (options.queue_drop_urgent) text += ", TCP with URG dropped";
  if (options.queue_release)
    text += fmt::format(", accepted from packet mark {:#x}/{:#x} on", options.queue_release->value.value,
                        options.queue_release->value.mask);
  return text;
}

std::string plain_verdict(const sema::Rule& rule) {
  using enum model::Action;
  const model::Options& options = rule.source->options;
  switch (*rule.source->action) {
    case Accept:
    case Portfw:
    case Bounce:
    case Redirect: return "accepted";
    case Drop: return "dropped";
    case Reject:
      return options.reject_type ? fmt::format("rejected ({})", model::to_string(options.reject_type->value))
                                 : std::string("rejected");
    case Nfqueue: return queue_text(options);
    case Nflog:
      return fmt::format("accepted, with a record to log group {}", options.log_group ? options.log_group->value : 0);
    case Chain: return fmt::format("sent to the chain '{}'", options.chain ? options.chain->value : std::string());
    case Log: return "logged";
    case Snat:
    case Masq:
    case Dnat:
    case Separator: break;
  }
  return "translated";
}

std::string_view unit_word(model::RateLimit::Unit unit) {
  switch (unit) {
    case model::RateLimit::Unit::Second: return "sec";
    case model::RateLimit::Unit::Minute: return "min";
    case model::RateLimit::Unit::Hour: return "hour";
    case model::RateLimit::Unit::Day: return "day";
  }
  return {};
}

}  // namespace

bool lets_through(const sema::Rule& rule) {
  using enum model::Action;
  switch (*rule.source->action) {
    case Accept:
    case Portfw:
    case Bounce:
    case Redirect:
    case Nfqueue:
    case Nflog: return true;
    case Drop:
    case Reject:
    case Log:
    case Chain:
    case Snat:
    case Masq:
    case Dnat:
    case Separator: break;
  }
  return false;
}

std::string verdict_of(const sema::Rule& rule) {
  const model::Options& options = rule.source->options;
  std::string text = plain_verdict(rule);
  if (options.nfmark) text += fmt::format(", with packet mark {:#x}", options.nfmark->value.value);
  if (options.limit && options.limit->value.count != 0)
    text += fmt::format(", up to {}/{}", options.limit->value.count, unit_word(options.limit->value.unit));
  return text;
}

std::string name_of(const sema::Rule& rule) {
  return rule.place.empty() ? fmt::format("rule {}", rule.source->number)
                            : fmt::format("rule {} ({})", rule.source->number, rule.place);
}

std::string record_of(const sema::Rule& rule) {
  const model::Options& options = rule.source->options;
  if (!options.log && *rule.source->action != model::Action::Log) return {};
  return options.log_prefix && !options.log_prefix->value.empty()
             ? fmt::format("logged as '{}'", options.log_prefix->value)
             : std::string("logged");
}

}  // namespace vuurmuur::analyse
