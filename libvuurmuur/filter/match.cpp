// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "base/overloaded.h"
#include "base/strings.h"
#include "filter/filter.h"

namespace vuurmuur::filter {
namespace {

/// Which names of an end a key looks at.
struct NamesOfEnd {
  bool name = false, network = false, zone = false;
};

constexpr NamesOfEnd names_of(Key key) {
  switch (key) {
    case Key::Host: return {.name = true};
    case Key::Network: return {.network = true};
    case Key::Zone: return {.zone = true};
    default: return {.name = true, .network = true, .zone = true};
  }
}

bool has_name(const End& end, NamesOfEnd which, std::string_view pattern) {
  if (which.name && !end.name.empty() && fits(pattern, end.name)) return true;
  if (which.network && !end.network.empty() && fits(pattern, end.network)) return true;
  if (which.zone && !end.zone.empty() && fits(pattern, end.zone)) return true;
  return which.name && std::ranges::any_of(end.groups, [&](std::string_view group) { return fits(pattern, group); });
}

bool is_one(std::span<const End> ends, Key key, const Value& value) {
  return std::ranges::any_of(ends, [&](const End& end) {
    return std::visit(base::Overloaded{
                          [&](const net::Prefix& prefix) { return prefix.contains(end.address); },
                          [&](const Range& ports) { return end.port && ports.contains(*end.port); },
                          [&](const MarkValue&) { return false; },
                          [&](const Pattern& pattern) { return has_name(end, names_of(key), pattern.text); },
                      },
                      value.what);
  });
}

bool has_number(const Value& value, std::optional<std::uint64_t> number) {
  const auto* range = std::get_if<Range>(&value.what);
  return range != nullptr && number && range->contains(*number);
}

bool has_text(const Value& value, std::string_view text) {
  const auto* pattern = std::get_if<Pattern>(&value.what);
  return pattern != nullptr && !text.empty() && fits(pattern->text, text);
}

bool has_part(const Value& value, std::string_view text) {
  const auto* pattern = std::get_if<Pattern>(&value.what);
  return pattern != nullptr && !text.empty() && fits("*" + pattern->text + "*", text);
}

/// "3" is rule 3, whatever other numbers are in its text.
bool is_rule(const Value& value, std::string_view rule) {
  const auto* pattern = std::get_if<Pattern>(&value.what);
  if (pattern == nullptr || !base::parse_number<std::uint32_t>(pattern->text)) return has_part(value, rule);
  const std::string begin = "rule " + pattern->text;
  return rule == begin || rule.starts_with(begin + ":");
}

bool equals_ignoring_case(const Value& value, std::string_view text) {
  const auto* pattern = std::get_if<Pattern>(&value.what);
  return pattern != nullptr && !text.empty() && fits(base::to_lower(pattern->text), base::to_lower(text));
}

bool has_state(const Value& value, const Subject& subject) {
  return std::ranges::any_of(subject.states, [&](std::string_view state) { return has_text(value, state); });
}

/// The protocol that a word without a key may name. Numbers are ports there.
bool has_protocol_named(const Value& value, std::uint8_t protocol) {
  const auto* pattern = std::get_if<Pattern>(&value.what);
  return pattern != nullptr && protocol_named(base::to_lower(pattern->text)) == protocol;
}

bool is_either(const Subject& subject, Key key, const Value& value) {
  return is_one(subject.sources, key, value) || is_one(subject.destinations, key, value);
}

std::optional<std::uint64_t> family_of(const Subject& subject) {
  if (subject.sources.empty()) return std::nullopt;
  return subject.sources.front().address.family == net::Family::Ipv4 ? 4 : 6;
}

bool meets(const Subject& subject, Key key, const Value& value) {
  switch (key) {
    case Key::Anything:
      return is_either(subject, key, value) || has_text(value, subject.service) || has_state(value, subject) ||
             has_text(value, subject.helper) || has_protocol_named(value, subject.protocol) ||
             equals_ignoring_case(value, subject.action);
    case Key::Source:
    case Key::SourcePort: return is_one(subject.sources, key, value);
    case Key::Destination:
    case Key::DestinationPort: return is_one(subject.destinations, key, value);
    case Key::Host:
    case Key::Network:
    case Key::Zone:
    case Key::Port: return is_either(subject, key, value);
    case Key::Service: return has_text(value, subject.service);
    case Key::Protocol: return has_number(value, subject.protocol);
    case Key::State: return has_state(value, subject);
    case Key::Queue: return has_number(value, subject.queue);
    case Key::LogGroup: return has_number(value, subject.log_group);
    case Key::Mark: {
      const auto* mark = std::get_if<MarkValue>(&value.what);
      return mark != nullptr && subject.mark && (*subject.mark & mark->mask) == mark->value;
    }
    case Key::Rule: return is_rule(value, subject.rule);
    case Key::Helper: return has_text(value, subject.helper);
    case Key::Family: return has_number(value, family_of(subject));
    case Key::Bytes: return has_number(value, subject.bytes);
    case Key::Packets: return has_number(value, subject.packets);
    case Key::InDevice: return has_text(value, subject.in_device);
    case Key::OutDevice: return has_text(value, subject.out_device);
    case Key::Action: return equals_ignoring_case(value, subject.action);
    case Key::Prefix: return has_part(value, subject.prefix);
  }
  return false;
}

/// In quotes where it must be.
std::string text_of(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.()*/=>+@";
  return text.find_first_not_of(kPlain) == std::string::npos ? text : "\"" + text + "\"";
}

std::string text_of(const Value& value, Key key) {
  return std::visit(base::Overloaded{
                        [&](const net::Prefix& prefix) {
                          // Behind a comma, "dead:beef::" would begin with a key.
                          const bool is_bare = key == Key::Anything && prefix.family() == net::Family::Ipv6;
                          return is_bare ? "\"" + prefix.to_string() + "\"" : prefix.to_string();
                        },
                        [&](const Range& range) {
                          return range.first == range.last ? fmt::format("{}", range.first)
                                                           : fmt::format("{}-{}", range.first, range.last);
                        },
                        [](const MarkValue& mark) { return fmt::format("{:#x}/{:#x}", mark.value, mark.mask); },
                        [](const Pattern& pattern) { return text_of(pattern.text); },
                    },
                    value.what);
}

}  // namespace

bool fits(std::string_view pattern, std::string_view text) {
  // Where to go on when a '*' has to take one character more.
  std::size_t at = 0, behind_star = std::string_view::npos, taken = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      behind_star = ++at;
      taken = i;
    } else if (at < pattern.size() && pattern[at] == text[i]) {
      ++at;
      ++i;
    } else if (behind_star != std::string_view::npos) {
      at = behind_star;
      i = ++taken;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

Needs Filter::asks_for() const {
  Needs needs;
  for (const Term& term : terms_) {
    const bool has_pattern = std::ranges::any_of(
        term.values, [](const Value& value) { return std::holds_alternative<Pattern>(value.what); });
    switch (term.key) {
      case Key::Anything: needs.service = needs.service || has_pattern; [[fallthrough]];
      case Key::Source:
      case Key::Destination:
      case Key::Host: needs.groups = needs.groups || has_pattern; [[fallthrough]];
      case Key::Network:
      case Key::Zone: needs.names = needs.names || has_pattern; break;
      case Key::Service: needs.service = true; break;
      case Key::Rule: needs.rule = true; break;
      default: break;
    }
  }
  return needs;
}

bool Filter::lets_through(const Subject& subject) const {
  return std::ranges::all_of(terms_, [&](const Term& term) {
    const bool is_met =
        std::ranges::any_of(term.values, [&](const Value& value) { return meets(subject, term.key, value); });
    return is_met != term.is_negated;
  });
}

std::string Filter::to_string() const {
  std::string text;
  for (const Term& term : terms_) {
    if (!text.empty()) text += ' ';
    if (term.is_negated) text += '!';
    if (term.key != Key::Anything) text += fmt::format("{}:", row_of(term.key).name);
    for (std::size_t i = 0; i < term.values.size(); ++i) {
      if (i != 0) text += ',';
      text += text_of(term.values[i], term.key);
    }
  }
  return text;
}

}  // namespace vuurmuur::filter
