// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/apply.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "apply/set_support.h"
#include "base/assert.h"
#include "cli/engine.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "commands/commands.h"
#include "compile/compile.h"
#include "ir/marks.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    kBackendOption,
    Option{.name = "force",
           .argument = "",
           .help = "apply a policy without active rules, which locks everyone out, or beside rules of others in the "
                   "other engine"},
    Option{.name = "dry-run", .argument = "", .help = "do everything but load, and tell how many rules there would be"},
    Option{.name = "no-comments", .argument = "", .help = "rules without their origin as a comment"},
    Option{.name = "state-dir", .argument = "DIR", .help = "where former kernel settings are kept (/run/vuurmuur)"},
    kWaitOption,
    kJsonOption,
};

ExitCode print_dry_run(Context& context, const ir::Ruleset& ruleset,
                       const std::optional<apply::BackendChoice>& choice) {
  std::size_t counts[2] = {};
  for (const net::Family family : net::kFamilies) {
    for (const ir::Table& table : ruleset.rules(family).tables)
      counts[static_cast<std::size_t>(family)] += table.rule_count();
  }
  if (context.json) {
    nlohmann::ordered_json document{{"applied", false}, {"dry_run", true}, {"backend", nullptr}};
    if (choice) document["backend"] = apply::to_string(choice->backend);
    document["rules"] = ruleset.rule_count();
    context.out << document.dump(2) << '\n';
  } else {
    context.out << fmt::format("would load {} rules ({} IPv4, {} IPv6){}; nothing was changed\n", ruleset.rule_count(),
                               counts[0], counts[1],
                               choice ? fmt::format(" into {}", apply::to_string(choice->backend)) : "");
  }
  return ExitCode::Done;
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto option = read_backend_option(arguments);
  if (!option) return usage_error(context, kApplyCommand, option.error());
  auto load = kernel_options(context, arguments);
  if (!load) return usage_error(context, kApplyCommand, load.error());
  const std::string directory = directory_of(arguments);
  const auto checked = check_tree(context.files, directory);
  print_diagnostics(context, *checked);
  if (checked->sink.has_errors())
    return report_failure(context, "the configuration has errors", ExitCode::Configuration);
  if (checked->policy.rules.empty() && !arguments.has("force")) {
    return report_failure(
        context,
        fmt::format("{}: there is no active rule: this would lock everyone out; --force applies it all the same",
                    directory),
        ExitCode::Configuration);
  }

  const bool dry_run = arguments.has("dry-run");
  const auto layout = ir::MarkLayout::create(checked->policy.settings->connmark_mask.value);
  VM_ASSERT(layout.has_value());  // sema has looked at the mask
  const auto kernel = apply::make_kernel();
  auto queues = apply::live_queues(*kernel, *layout);
  if (!queues) {
    // A dry run is also for those who may not look into the kernel.
    if (!dry_run) return report_refusal(context, queues.error());
    tell(context, "warning", queues.error().message + "; queues of live connections are left out");
    queues.emplace();
  }
  compile::Options options;
  options.live_queues = std::move(*queues);
  apply::SetSupport sets(*kernel, apply::Backend::Xtables);
  options.can_hold = [&sets](const ir::Set& set) { return sets.can_hold(set); };
  const compile::Output output = compile::compile(checked->policy, options);
  const model::Backend wish = option->value_or(checked->policy.settings->backend);
  const auto choice = choose_engine(*kernel, wish, output.ruleset, arguments.has("force"));
  if (!choice && !(dry_run && is_missing_privilege(choice.error()))) return report_refusal(context, choice.error());
  if (!choice) tell(context, "warning", choice.error().message + "; the engine is not known");
  if (dry_run) return print_dry_run(context, output.ruleset, choice ? std::optional(*choice) : std::nullopt);

  load->backend = choice->backend;
  auto report = apply::apply(*kernel, output.ruleset, *load);
  if (!report) return report_refusal(context, report.error());
  report->warnings.insert(report->warnings.begin(), choice->warnings.begin(), choice->warnings.end());
  print_report(context, *report,
               fmt::format("{}: {} rules loaded into {}", directory, report->rules, apply::to_string(load->backend)),
               load->backend);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kApplyCommand{
    .name = "apply",
    .summary = "load a configuration into the kernel",
    .arguments = "[DIR]",
    .usage = "Checks and compiles the configuration tree DIR (default " VUURMUUR_CONFIG_DIR
             ") and loads it into the\n"
             "kernel. When the kernel refuses a part, all is put back as it was. Chains of others stay. Live\n"
             "connections stay, except those of blocked addresses.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
