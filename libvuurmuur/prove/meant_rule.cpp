// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/meant_rule.h"

#include <algorithm>
#include <cstdint>

namespace vuurmuur::prove {
namespace {

std::uint64_t seconds_of(model::RateLimit::Unit unit) {
  using Unit = model::RateLimit::Unit;
  switch (unit) {
    case Unit::Second: return 1;
    case Unit::Minute: return 60;
    case Unit::Hour: return 3600;
    case Unit::Day: return 86400;
  }
  return 1;
}

}  // namespace

Done done_by(const sema::Rule& rule) {
  const model::Options& options = rule.source->options;
  Done done;
  done.rule = rule.source->number;
  if (options.limit && options.limit->value.count != 0) {
    const model::RateLimit& limit = options.limit->value;
    const std::uint64_t seconds = seconds_of(limit.unit), in_a_day = limit.count * (86400 / seconds);
    done.conditions.push_back(limit_text(limit.count, seconds,
                                         options.burst ? options.burst->value : std::min<std::uint64_t>(5, in_a_day),
                                         rule.source->number));
  }
  return done;
}

std::optional<Done> logged_by(const sema::Rule& rule) {
  const model::Options& options = rule.source->options;
  if (*rule.source->action != model::Action::Log && !options.log) return std::nullopt;
  Done logged = done_by(rule);
  if (options.log_limit && options.log_limit->value != 0)
    logged.conditions.push_back(
        limit_text(options.log_limit->value, 1, 2 * std::uint64_t{options.log_limit->value}, rule.source->number));
  return logged;
}

void add(Program& program, Terms& terms, const Speaker& speaker, const Region& region, const std::string& text,
         bool ends, bool is_uncertain) {
  program.entries.push_back({.region = terms.regions.numbers_of(region),
                             .behaviour = terms.behaviours.number_of(text),
                             .part = 0,
                             .rule = speaker.rule == nullptr ? 0 : speaker.rule->source->number,
                             .ends = ends,
                             .is_uncertain = is_uncertain,
                             .source = {.emitted = nullptr, .rule = speaker.rule, .step = speaker.step}});
}

}  // namespace vuurmuur::prove
