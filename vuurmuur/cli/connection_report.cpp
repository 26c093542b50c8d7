// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/connection_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vuurmuur::cli {
namespace {

/// By apply::LiveConnections.
constexpr std::array<std::string_view, 3> kWords{"keep", "list", "enforce"};

std::string line_of(const nlohmann::ordered_json& reviewed) {
  const auto text = [&](const char* name) { return reviewed.value(name, ""); };
  std::string line = fmt::format("{:<9} {}: {}", text("what"), text("connection"), text("why"));
  if (!text("place").empty()) line += fmt::format(" ({})", text("place"));
  if (!text("error").empty()) line += fmt::format(": {}", text("error"));
  return line;
}

}  // namespace

std::expected<apply::LiveConnections, std::string> read_connections_option(const Arguments& arguments) {
  const auto value = arguments.value(kConnectionsOption.name);
  if (!value) return apply::LiveConnections::Keep;
  const auto word = std::ranges::find(kWords, *value);
  if (word == kWords.end())
    return std::unexpected("option '--connections': expected keep, enforce or list, not '" + *value + "'" +
                           did_you_mean(*value, kWords));
  return static_cast<apply::LiveConnections>(word - kWords.begin());
}

void print_connections(Context& context, const nlohmann::ordered_json& report) {
  const bool is_enforced = report.value("enforced", false);
  for (const auto& reviewed : report.value("connections", nlohmann::ordered_json::array()))
    if (!is_enforced || reviewed.contains("error")) context.out << line_of(reviewed) << '\n';
  const auto count = [&](const char* name) { return report.value(name, std::size_t{0}); };
  const std::string_view would = is_enforced ? "" : "would ";
  context.out << fmt::format("live connections: {} as the rules want them, {} {}end{}, {} {}change{}, {} undecided",
                             count("kept"), count("ended"), would, is_enforced ? "ed" : "", count("changed"), would,
                             is_enforced ? "d" : "", count("undecided"));
  if (count("failed") != 0) context.out << fmt::format(", {} could not be changed", count("failed"));
  context.out << '\n';
}

}  // namespace vuurmuur::cli
