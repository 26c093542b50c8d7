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
#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "cli/terminal.h"
#include "cli/watching.h"
#include "commands/commands.h"
#include "control/counter_rates.h"
#include "control/counters_json.h"
#include "control/rule_use.h"
#include "daemon/counter_sampler.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "family", .argument = "4|6", .help = "one family only; default both together"},
    Option{.name = "watch",
           .argument = "SECONDS",
           .help = "go on until Ctrl-C: how fast rules, zones and interfaces take packets, every so many seconds (1)",
           .implied = "1"},
    Option{.name = "hits", .argument = "", .help = "and when each rule was hit last, as far as the daemon has counted"},
    Option{.name = "unused",
           .argument = "",
           .help = "only rules of the policy that never took anything, and since when that is known"},
    kStateDirOption,
    kJsonOption,
};

/// What is shown of rules; uses are those of the rules in the same places, or none.
struct Counted {
  std::vector<apply::RuleCounters> rules;
  std::vector<control::RuleUse> uses;
};

/// "2026-11-26 09:10:59", "before 2026-…", "never since 2026-…"; "-" when nothing is known.
std::string text_of(const control::RuleUse& use) {
  if (use.hit) return text_of_time(*use.hit);
  if (!use.since) return "-";
  return fmt::format("{} {}", use.is_used ? "before" : "never since", text_of_time(*use.since));
}

apply::Counters counters_of(const apply::RuleCounters& rule, std::optional<net::Family> family) {
  if (!family) return rule.both();
  return *family == net::Family::Ipv4 ? rule.ipv4 : rule.ipv6;
}

void print_rules(Context& context, const Counted& counted, std::optional<net::Family> family) {
  constexpr std::string_view kHit = "last hit";
  std::size_t packets = std::string_view("packets").size(), bytes = std::string_view("bytes").size(), hit = kHit.size();
  for (const auto& rule : counted.rules) {
    const apply::Counters counters = counters_of(rule, family);
    packets = std::max(packets, fmt::formatted_size("{}", counters.packets));
    bytes = std::max(bytes, fmt::formatted_size("{}", counters.bytes));
  }
  for (const control::RuleUse& use : counted.uses) hit = std::max(hit, text_of(use).size());
  const auto print = [&](const auto& packets_text, const auto& bytes_text, std::string_view hit_text,
                         std::string_view rule) {
    context.out << fmt::format("{:>{}}  {:>{}}  ", packets_text, packets, bytes_text, bytes);
    if (!hit_text.empty()) context.out << fmt::format("{:<{}}  ", hit_text, hit);
    context.out << rule << '\n';
  };
  const bool has_uses = !counted.uses.empty();
  print("packets", "bytes", has_uses ? kHit : "", "rule");
  for (std::size_t i = 0; i < counted.rules.size(); ++i) {
    const apply::Counters counters = counters_of(counted.rules[i], family);
    print(counters.packets, counters.bytes, has_uses ? text_of(counted.uses[i]) : "", counted.rules[i].origin);
  }
}

base::Result<Counted> read(Context& context, const Arguments& arguments, bool with_uses) {
  Service service = Service::find(context, arguments);
  if (service.daemon() == nullptr && !with_uses)
    return Counted{.rules = VM_TRY(apply::read_counters(*apply::make_kernel(), runtime_directory(arguments))),
                   .uses = {}};
  // Not copied: it can be megabytes.
  const ipc::Json answer = VM_TRY(service.call("Counters", {{"hits", with_uses}}));
  const auto found = answer.find("rules");
  if (found == answer.end()) return strange_answer();
  auto rules = control::counters_from(*found);
  auto uses = with_uses ? control::uses_from(*found) : std::vector<control::RuleUse>();
  if (!rules || !uses) return strange_answer();
  return Counted{.rules = std::move(*rules), .uses = std::move(*uses)};
}

/// Leaves rules of the policy that were never used, as far as that is known.
void keep_unused(Counted& counted) {
  Counted unused;
  for (std::size_t i = 0; i < counted.rules.size(); ++i) {
    if (counted.uses[i].is_used || !counted.rules[i].origin.starts_with("rule ")) continue;
    unused.rules.push_back(std::move(counted.rules[i]));
    unused.uses.push_back(counted.uses[i]);
  }
  counted = std::move(unused);
}

/// Reads the kernel itself again and again.
base::Result<void> watch_kernel(const std::string& directory, std::chrono::seconds interval,
                                const std::function<void(const control::CounterSample&)>& show) {
  const auto kernel = apply::make_kernel();
  const control::SystemClock clock;
  const auto watching = VM_TRY(Watching::begin());
  auto before = VM_TRY(control::read_all_counters(*kernel, directory, clock));
  show(control::sample_of(nullptr, before));
  std::int64_t due = base::boottime();
  std::function<void()> plan;
  const auto look = [&] {
    auto now = control::read_all_counters(*kernel, directory, clock);
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
                         ? watch_kernel(runtime_directory(arguments), interval, show)
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
    if (arguments.has("hits") || arguments.has("unused"))
      return usage_error(context, kCountersCommand, "option '--watch' is without '--hits' and '--unused'");
    return watch(context, arguments, *interval);
  }
  std::optional<net::Family> family;
  if (const auto value = arguments.value("family")) {
    if (*value != "4" && *value != "6")
      return usage_error(context, kCountersCommand, "option '--family': '" + *value + "' is neither 4 nor 6");
    family = *value == "4" ? net::Family::Ipv4 : net::Family::Ipv6;
  }
  const bool is_unused_only = arguments.has("unused");
  auto counted = read(context, arguments, is_unused_only || arguments.has("hits"));
  if (!counted) return report_refusal(context, counted.error());
  if (is_unused_only) keep_unused(*counted);
  if (!context.json) {
    print_rules(context, *counted, family);
  } else if (counted->uses.empty()) {
    context.out << control::to_json(counted->rules, family);
  } else {
    auto document = control::json_of(counted->rules, family);
    control::add_uses(document, counted->uses);
    context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
  }
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
        "asking rules. Elements of sets that were loaded with --no-comments are not counted.\n"
        "With --hits also when each took something last, and with --unused only those that never did: as far as the\n"
        "daemon has counted, whatever was reloaded or restarted meanwhile.\n"
        "With --watch: how fast rules take packets, and zones (what rules take that name them) and interfaces (what "
        "their\n"
        "devices count); on a terminal as a screen, else as lines, with --json as one object a line.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
