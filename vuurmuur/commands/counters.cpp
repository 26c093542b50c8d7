// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "apply/rule_counters.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "commands/commands.h"
#include "control/counters_json.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "family", .argument = "4|6", .help = "one family only; default both together"},
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
  auto rules = control::counters_from(VM_TRY(service.call("Counters")).value("rules", ipc::Json::array()));
  if (!rules) return strange_answer();
  return std::move(*rules);
}

ExitCode run(Context& context, const Arguments& arguments) {
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
        "asking rules. Rules that were loaded with --no-comments cannot be told apart and are not shown.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
