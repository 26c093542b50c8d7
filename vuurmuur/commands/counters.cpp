// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "apply/rule_counters.h"
#include "base/strings.h"
#include "cli/counter_display.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/terminal.h"
#include "cli/watching.h"
#include "commands/commands.h"
#include "control/counter_rates.h"
#include "control/counters_json.h"
#include "daemon/counter_sampler.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "family", .argument = "4|6", .help = "one family only; default both together"},
    Option{.name = "watch",
           .argument = "SECONDS",
           .help = "go on until Ctrl-C: how fast rules, zones and interfaces take packets, every so many seconds (1)",
           .implied = "1"},
    kJsonOption,
};

apply::Counters counters_of(const apply::RuleCounters& rule, std::optional<net::Family> family) {
  if (!family) return rule.both();
  return *family == net::Family::Ipv4 ? rule.ipv4 : rule.ipv6;
}

void print_rules(Context& context, const std::vector<apply::RuleCounters>& rules, std::optional<net::Family> family) {
  std::size_t packets = std::string_view("packets").size(), bytes = std::string_view("bytes").size();
  for (const auto& rule : rules) {
    const apply::Counters counters = counters_of(rule, family);
    packets = std::max(packets, fmt::formatted_size("{}", counters.packets));
    bytes = std::max(bytes, fmt::formatted_size("{}", counters.bytes));
  }
  context.out << fmt::format("{:>{}}  {:>{}}  rule\n", "packets", packets, "bytes", bytes);
  for (const auto& rule : rules) {
    const apply::Counters counters = counters_of(rule, family);
    context.out << fmt::format("{:>{}}  {:>{}}  {}\n", counters.packets, packets, counters.bytes, bytes, rule.origin);
  }
}

base::Result<std::vector<apply::RuleCounters>> read(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  if (service.daemon() == nullptr) return apply::read_counters(*apply::make_kernel());
  // Not copied: it can be megabytes.
  const ipc::Json answer = VM_TRY(service.call("Counters"));
  const auto found = answer.find("rules");
  auto rules = found == answer.end() ? std::nullopt : control::counters_from(*found);
  if (!rules) return strange_answer();
  return std::move(*rules);
}

/// Reads the kernel itself again and again.
base::Result<void> watch_kernel(std::chrono::seconds interval,
                                const std::function<void(const control::CounterSample&)>& show) {
  const auto kernel = apply::make_kernel();
  const control::SystemClock clock;
  const auto watching = VM_TRY(Watching::begin());
  auto before = VM_TRY(control::read_all_counters(*kernel, clock));
  show(control::sample_of(nullptr, before));
  std::int64_t due = base::boottime();
  std::function<void()> plan;
  const auto look = [&] {
    auto now = control::read_all_counters(*kernel, clock);
    if (!now) return watching->end(std::unexpected(now.error()));
    show(control::sample_of(&before, *now));
    before = std::move(*now);
    plan();
  };
  plan = [&] {
    // From when it was due, not from when it was done: intervals are as long as they are called.
    due = std::max(due + std::chrono::nanoseconds(interval).count(), base::boottime());
    watching->loop().call_at(due, look);
  };
  plan();
  return watching->run();
}

ExitCode watch(Context& context, const Arguments& arguments, std::chrono::seconds interval) {
  const bool is_screen = !context.json && is_terminal(STDOUT_FILENO);
  const auto show = [&](const control::CounterSample& sample) {
    // Lines tell of what moved, which the first sample does not know.
    if (context.json || is_screen || sample.seconds > 0) show_sample(context, sample, interval);
  };
  if (is_screen) context.out << "\033[2J";
  Service service = Service::find(context, arguments);
  const auto ended = service.daemon() == nullptr
                         ? watch_kernel(interval, show)
                         : watch_daemon(service, "WatchCounters", {{"seconds", interval.count()}},
                                        [&](const ipc::Json& answer) -> base::Result<void> {
                                          const auto sample = control::sample_from(answer);
                                          if (!sample) return strange_answer();
                                          show(*sample);
                                          return {};
                                        });
  if (is_screen) context.out << '\n';
  return ended ? ExitCode::Done : report_refusal(context, ended.error());
}

/// The value of --watch; the error is a message for the user.
std::expected<std::chrono::seconds, std::string> read_interval(const std::string& word) {
  constexpr std::uint32_t kLongest = daemon::CounterSampler::kLongestInterval;
  const auto seconds = base::parse_number<std::uint32_t>(word);
  if (!seconds || *seconds == 0 || *seconds > kLongest)
    return std::unexpected(fmt::format("option '--watch': expected seconds from 1 to {}, not '{}'", kLongest, word));
  return std::chrono::seconds(*seconds);
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (const auto word = arguments.value("watch")) {
    const auto interval = read_interval(*word);
    if (!interval) return usage_error(context, kCountersCommand, interval.error());
    if (arguments.has("family"))
      return usage_error(context, kCountersCommand,
                         "option '--watch' is of both families together, without '--family'");
    return watch(context, arguments, *interval);
  }
  std::optional<net::Family> family;
  if (const auto value = arguments.value("family")) {
    if (*value != "4" && *value != "6")
      return usage_error(context, kCountersCommand, "option '--family': '" + *value + "' is neither 4 nor 6");
    family = *value == "4" ? net::Family::Ipv4 : net::Family::Ipv6;
  }
  const auto rules = read(context, arguments);
  if (!rules) return report_refusal(context, rules.error());
  if (context.json)
    context.out << control::to_json(*rules, family);
  else
    print_rules(context, *rules, family);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kCountersCommand{
    .name = "counters",
    .summary = "show what each rule of the configuration has taken",
    .arguments = "",
    .usage =
        "Prints a line for each rule of the configuration that is loaded: the packets and bytes that it took,\n"
        "whatever it became in the kernel. A rule takes the first packets of connections; later ones pass without\n"
        "asking rules. Rules that were loaded with --no-comments cannot be told apart and are not shown.\n"
        "With --watch: how fast rules take packets, and zones (what rules take that name them) and interfaces (what "
        "their\n"
        "devices count); on a terminal as a screen, else as lines, with --json as one object a line.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
