// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <expected>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "control/volumes_json.h"
#include "log/when.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "by", .argument = "WHAT", .help = "interface (default), zone, rule, queue or host"},
    Option{.name = "period", .argument = "PERIOD", .help = "minute, hour, day (default) or month"},
    Option{.name = "since", .argument = "WHEN", .help = "from then on: 10m (ago; s m h d w), 22:51, 2026-11-23, '2026-11-23 22:51'"},
    Option{.name = "until", .argument = "WHEN", .help = "those that began before"},
    Option{.name = "limit", .argument = "N", .help = "so many lines at most, the newest (1000; at most 10000)"},
    kStateDirOption,
    kJsonOption,
};

struct Wanted {
  volumes::Kind by = volumes::Kind::Interface;
  volumes::Period period = volumes::Period::Day;
  ipc::Json parameters = ipc::Json::object();
};

/// What is shown when nobody says since when: an hour, a day, a month or a year and a bit.
std::int64_t usual_seconds(volumes::Period period) {
  constexpr std::int64_t kDay = 86400;
  switch (period) {
    case volumes::Period::Minute: return 3600;
    case volumes::Period::Hour: return kDay;
    case volumes::Period::Day: return 30 * kDay;
    case volumes::Period::Month: return 400 * kDay;
  }
  return 0;
}

std::expected<std::int64_t, std::string> read_moment(const std::string& option, const std::string& word) {
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const auto moment = log::read_moment(word, now);
  if (!moment) return std::unexpected(fmt::format("option '--{}': '{}' is no time", option, word));
  return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(*moment).time_since_epoch().count());
}

/// The error is a message for the user.
std::expected<Wanted, std::string> read_wanted(const Arguments& arguments) {
  Wanted wanted;
  if (const auto word = arguments.value("by")) {
    const auto kind = volumes::kind_named(*word);
    if (!kind) return std::unexpected("option '--by': expected interface, zone, rule, queue or host, not '" + *word + "'");
    wanted.by = *kind;
  }
  if (const auto word = arguments.value("period")) {
    const auto period = volumes::period_named(*word);
    if (!period) return std::unexpected("option '--period': expected minute, hour, day or month, not '" + *word + "'");
    wanted.period = *period;
  }
  wanted.parameters["by"] = volumes::to_string(wanted.by);
  wanted.parameters["period"] = volumes::to_string(wanted.period);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  wanted.parameters["since"] = std::max<std::int64_t>(0, now - usual_seconds(wanted.period));
  for (const char* option : {"since", "until"}) {
    const auto word = arguments.value(option);
    if (!word) continue;
    const auto moment = read_moment(option, *word);
    if (!moment) return std::unexpected(moment.error());
    wanted.parameters[option] = *moment;
  }
  if (const auto word = arguments.value("limit")) {
    constexpr std::uint32_t kMost = 10'000;
    const auto limit = base::parse_number<std::uint32_t>(*word);
    if (!limit || *limit == 0 || *limit > kMost)
      return std::unexpected(fmt::format("option '--limit': expected a number from 1 to {}, not '{}'", kMost, *word));
    wanted.parameters["limit"] = *limit;
  }
  return wanted;
}

/// "2026-11-26 09:10", "2026-11-26" or "2026-11", in local time.
std::string text_of(std::int64_t time, volumes::Period period) {
  const auto moment = static_cast<std::time_t>(time);
  std::tm parts{};
  if (::localtime_r(&moment, &parts) == nullptr) return "?";
  std::string text = fmt::format("{:04}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1);
  if (period != volumes::Period::Month) text += fmt::format("-{:02}", parts.tm_mday);
  if (period == volumes::Period::Minute || period == volumes::Period::Hour)
    text += fmt::format(" {:02}:{:02}", parts.tm_hour, parts.tm_min);
  return text;
}

/// Columns as wide as what stands in them, numbers to the right.
void print_table(Context& context, const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines)
    for (std::size_t column = 0; column < line.size(); ++column)
      widths[column] = std::max(widths[column], line[column].size());
  for (const auto& line : lines) {
    context.out << fmt::format("{:<{}}", line[0], widths[0]);
    for (std::size_t column = 1; column + 1 < line.size(); ++column)
      context.out << fmt::format("  {:>{}}", line[column], widths[column]);
    context.out << "  " << line.back() << '\n';
  }
}

void print_text(Context& context, const volumes::Found& found, const Wanted& wanted) {
  const auto number = [](std::uint64_t value) { return fmt::format("{}", value); };
  const bool is_host = wanted.by == volumes::Kind::Host;
  const bool has_ways = is_host || wanted.by == volumes::Kind::Interface;
  std::vector<std::vector<std::string>> lines;
  if (has_ways)
    lines.push_back({std::string(to_string(wanted.period)), is_host ? "packets sent" : "packets in", is_host ? "bytes sent" : "bytes in",
                     is_host ? "packets received" : "packets out", is_host ? "bytes received" : "bytes out",
                     std::string(to_string(wanted.by))});
  else
    lines.push_back({std::string(to_string(wanted.period)), "packets", "bytes", std::string(to_string(wanted.by))});
  for (const volumes::Volume& volume : found.volumes) {
    const std::string time = text_of(volume.time, wanted.period);
    const auto& [first, second] = volume.counts;
    const volumes::Counts sum = volume.counts.sum();
    // With the number that it had last, by which people find it.
    const std::string name = volume.number == 0 ? volume.name : fmt::format("rule {}: {}", volume.number, volume.name);
    if (has_ways)
      lines.push_back({time, number(first.packets), number(first.bytes), number(second.packets), number(second.bytes), name});
    else
      lines.push_back({time, number(sum.packets), number(sum.bytes), name});
  }
  print_table(context, lines);
  if (is_host && found.volumes.empty())
    tell(context, "note", "hosts are counted when connections end, while LOG_CONNECTIONS or LOG_NEW_CONNECTIONS is on");
  if (!found.is_complete) tell(context, "note", "there are more: see --limit, --since and --until");
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto wanted = read_wanted(arguments);
  if (!wanted) return usage_error(context, kVolumeCommand, wanted.error());
  Service service = Service::find(context, arguments);
  const auto answer = service.call("Volume", wanted->parameters);
  if (!answer) return report_refusal(context, answer.error());
  if (const auto fault = answer->find("fault"); fault != answer->end() && fault->is_string())
    tell(context, "warning", "what is counted cannot be kept: " + fault->get<std::string>());
  if (context.json) {
    context.out << answer->dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
    return ExitCode::Done;
  }
  const auto found = control::volumes_from(*answer, wanted->by);
  if (!found) return report_refusal(context, strange_answer().error());
  print_text(context, *found, *wanted);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kVolumeCommand{
    .name = "volume",
    .summary = "show how much there was in each minute, hour, day or month",
    .arguments = "",
    .usage =
        "Prints what interfaces have received and sent, or what rules took: each rule, all from one zone to another, or\n"
        "all that send to a queue; or what hosts sent and received. A rule takes the first packets of connections; interfaces count everything. The daemon\n"
        "counts once a minute and keeps it over reloads, restarts and reboots; the newest comes first. When nobody says\n"
        "since when: minutes of an hour, hours of a day, days of 30 days, months of 400 days.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
