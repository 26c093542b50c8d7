// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "analyse/saved_check.h"
#include "base/heap.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/saved_rules.h"
#include "cli/service_matrix_report.h"
#include "commands/commands.h"
#include "control/assertions.h"
#include "control/deep_check.h"
#include "diag/render.h"
#include "prove/service_matrix.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{
        .name = "deep",
        .argument = "",
        .help =
            "also tell what comes out when the rules are held against each other: rules that can never match or make "
            "no difference, translation without effect, and more"},
    Option{.name = "overlaps",
           .argument = "",
           .help = "with --deep, which it implies: all pairs of rules that overlap with opposite action"},
    Option{.name = "iptables-save",
           .argument = "FILE",
           .help = "instead of a configuration the rules that iptables-save or ip6tables-save wrote, with --deep; '-' "
                   "is standard input"},
    Option{.name = "services",
           .argument = "",
           .help = "of --iptables-save instead: which services get from which device to which"},
    kStateDirOption,
    kJsonOption,
};

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

ExitCode check_saved(Context& context, const std::string& file) {
  SavedRules rules;
  if (const auto read = read_saved_rules(context.files, file, std::nullopt, rules); !read)
    return report_failure(context, read.error().message, ExitCode::Configuration);
  analyse::check_deep(rules.ruleset, rules.ruleset.family(), rules.sink);
  const ExitCode code = rules.sink.has_errors() ? ExitCode::Configuration : ExitCode::Done;
  if (context.json) {
    context.out << diag::render_json(rules.sink, rules.sources) << '\n';
    return code;
  }
  context.err << diag::render(rules.sink, rules.sources, style_for(context.colour, STDERR_FILENO));
  if (code != ExitCode::Done) return code;
  std::size_t chains = 0, all = 0;
  for (const saved::Table& table : rules.ruleset.tables) {
    chains += table.chains.size();
    for (const saved::Chain& chain : table.chains) all += chain.rules.size();
  }
  context.out << fmt::format("{}: good: {}, {}, {}\n", file, count(rules.ruleset.tables.size(), "table", "tables"),
                             count(chains, "chain", "chains"), count(all, "rule", "rules"));
  return code;
}

/// Which services rules of anybody let through.
ExitCode tell_services(Context& context, const std::string& file) {
  SavedRules rules;
  if (const auto read = read_saved_rules(context.files, file, std::nullopt, rules); !read)
    return report_failure(context, read.error().message, ExitCode::Configuration);
  const prove::ServiceMatrix matrix =
      prove::services_between_devices(rules.ruleset, rules.ruleset.family(), rules.sink);
  context.err << diag::render(rules.sink, rules.sources, style_for(context.colour, STDERR_FILENO));
  if (rules.sink.has_errors()) return ExitCode::Configuration;
  if (context.json)
    context.out << json_of(matrix, rules).dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
                << '\n';
  else
    context.out << text_of(matrix);
  return ExitCode::Done;
}

ExitCode run(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  if (const auto file = arguments.value("iptables-save")) {
    if (!arguments.positional().empty())
      return usage_error(context, kCheckCommand, "option '--iptables-save' and a directory do not go together");
    return arguments.has("services") ? tell_services(context, *file) : check_saved(context, *file);
  }
  if (arguments.has("services"))
    return usage_error(context, kCheckCommand, "option '--services' is of --iptables-save");
  if (const auto mistyped = mistyped_directory(context, arguments))
    return usage_error(context, kCheckCommand, *mistyped);
  const std::string directory = directory_of(arguments);
  const auto checked = check_tree(context.files, directory, known_names(context, arguments));
  control::check_assertions(*checked);
  using Overlaps = analyse::DeepOptions::Overlaps;
  if (arguments.has("deep") || arguments.has("overlaps"))
    control::check_deep(*checked, {.overlaps = arguments.has("overlaps") ? Overlaps::All : Overlaps::Some},
                        checked->sink);
  const ExitCode code = checked->sink.has_errors() ? ExitCode::Configuration : ExitCode::Done;
  if (context.json) {
    context.out << diag::render_json(checked->sink, checked->tree.sources) << '\n';
    return code;
  }
  print_diagnostics(context, *checked);
  if (code != ExitCode::Done) return code;
  const sema::Policy& policy = checked->policy;
  context.out << fmt::format(
      "{}: good: {}, {}, {}, {}\n", directory, count(policy.rules.size(), "active rule", "active rules"),
      count(policy.networks.size(), "network", "networks"), count(policy.interfaces.size(), "interface", "interfaces"),
      count(checked->tree.policy.services.size(), "service", "services"));
  return code;
}

}  // namespace

constinit const Command kCheckCommand{
    .name = "check",
    .summary = "read a configuration and tell all that is wrong with it",
    .arguments = "[DIR]",
    .usage =
        "Reads the configuration tree DIR (default " VUURMUUR_CONFIG_DIR
        "), resolves every name, checks every\n"
        "rule, and prints each problem with its file, line and the words it is about. Changes nothing. Statements "
        "in rules/assertions.conf\n"
        "(see 'assert') have to be true of the rules. With --deep the rules\n"
        "are held against each other too, all packets at once: one that never matches, because those before it\n"
        "together take all that it would take, is told with these; so are rules that could go because others do the "
        "same, or\n"
        "refuse less than they say, translation without\n"
        "effect, rules and objects that no packet meets, and that nobody can reach the SSH of this machine. With "
        "--iptables-save\n"
        "rules that never match are told of the rules of any firewall, "
        "chain by chain, and which chains no rule leads to;\n"
        "with --services which services these let through between which devices.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
