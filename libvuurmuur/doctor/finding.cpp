// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace vuurmuur::doctor {
namespace {

std::string_view colour_of(Severity severity) {
  switch (severity) {
    case Severity::Error: return "\033[1;31m";
    case Severity::Warning: return "\033[1;33m";
    case Severity::Advice: return "\033[1m";
  }
  return "";
}

void add_lines(std::string& text, std::string_view lines, char sign) {
  if (lines.empty()) return;
  for (const std::string_view line : base::split(lines, '\n')) text += fmt::format("    {} {}\n", sign, line);
}

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Advice: return "advice";
  }
  return "";
}

bool needs_person(std::span<const Finding> findings) {
  return std::ranges::any_of(findings, [](const Finding& finding) { return finding.severity != Severity::Advice; });
}

std::string text_of(const Finding& finding, bool with_colour) {
  std::string text = fmt::format("{}{}:{} {}\n  {}\n", with_colour ? colour_of(finding.severity) : "",
                                 to_string(finding.severity), with_colour ? "\033[0m" : "", finding.what, finding.why);
  for (const Change& change : finding.changes) {
    text += fmt::format("  {}:\n", change.place);
    add_lines(text, change.from, '-');
    add_lines(text, change.to, '+');
  }
  return text;
}

nlohmann::ordered_json json_of(const Finding& finding) {
  nlohmann::ordered_json changes = nlohmann::ordered_json::array();
  for (const Change& change : finding.changes)
    changes.push_back({{"place", change.place}, {"from", change.from}, {"to", change.to}});
  return {{"severity", to_string(finding.severity)},
          {"id", finding.id},
          {"what", finding.what},
          {"why", finding.why},
          {"changes", std::move(changes)}};
}

}  // namespace vuurmuur::doctor
