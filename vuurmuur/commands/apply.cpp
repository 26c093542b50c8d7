// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <future>
#include <nlohmann/json.hpp>

#include "base/heap.h"
#include "cli/apply_generation.h"
#include "cli/caller.h"
#include "cli/connection_report.h"
#include "cli/daemon_client.h"
#include "cli/engine.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/session.h"
#include "commands/commands.h"
#include "control/plan.h"
#include "control/tree_recorder.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    kBackendOption,
    kConfirmOption,
    kCommentOption,
    kConnectionsOption,
    Option{
        .name = "force",
        .argument = "",
        .help =
            "apply a policy without active rules, which locks everyone out, or one that refuses your own connection, "
            "or beside rules of others in the other engine"},
    Option{.name = "dry-run", .argument = "", .help = "do everything but load, and tell how many rules there would be"},
    Option{.name = "no-comments", .argument = "", .help = "rules without their origin as a comment"},
    kStateDirOption,
    kWaitOption,
    kJsonOption,
};

ExitCode print_dry_run(Context& context, const ir::Ruleset& ruleset, const std::optional<apply::BackendChoice>& choice,
                       const std::optional<apply::ConnectionReport>& connections) {
  std::size_t counts[2] = {};
  for (const net::Family family : net::kFamilies) {
    for (const ir::Table& table : ruleset.rules(family).tables)
      counts[static_cast<std::size_t>(family)] += table.rule_count();
  }
  if (context.json) {
    nlohmann::ordered_json document{{"applied", false}, {"dry_run", true}, {"backend", nullptr}};
    if (choice) document["backend"] = apply::to_string(choice->backend);
    document["rules"] = ruleset.rule_count();
    if (connections) document["connections"] = connections_json(*connections);
    context.out << document.dump(2) << '\n';
  } else {
    context.out << fmt::format("would load {} rules ({} IPv4, {} IPv6){}; nothing was changed\n", ruleset.rule_count(),
                               counts[0], counts[1],
                               choice ? fmt::format(" into {}", apply::to_string(choice->backend)) : "");
    if (connections) print_connections(context, *connections);
  }
  return ExitCode::Done;
}

/// What an apply would do with live connections, which are only looked at.
base::Result<std::optional<apply::ConnectionReport>> foresee(Context& context, const Arguments& arguments,
                                                             apply::Kernel& kernel, const control::DryPlan& plan) {
  if (*read_connections_option(arguments) == apply::LiveConnections::Keep) return std::nullopt;
  const auto options = kernel_options(context, arguments);
  const apply::Backend backend = plan.choice ? plan.choice->backend : apply::Backend::Xtables;
  return VM_TRY(apply::review_connections(kernel, plan.ruleset, backend, /*enforce=*/false, options->progress));
}

ExitCode dry_run(Context& context, const Arguments& arguments, const sema::Policy& policy,
                 const control::Wishes& wishes) {
  const auto kernel = apply::make_kernel();
  const auto plan = control::make_dry_plan(*kernel, policy, wishes);
  if (!plan) return report_refusal(context, plan.error());
  const auto connections = foresee(context, arguments, *kernel, *plan);
  if (!connections) return report_refusal(context, connections.error());
  for (const std::string& warning : plan->warnings) tell(context, "warning", warning);
  if (plan->choice)
    static_cast<void>(warn_of_lockout(context, *kernel, plan->ruleset, plan->choice->backend,
                                      *read_connections_option(arguments), OnLockout::Warn));
  return print_dry_run(context, plan->ruleset, plan->choice, *connections);
}

/// Whether something is wished that the daemon does not do for others.
bool is_beyond_daemon(const Arguments& arguments) {
  return !arguments.positional().empty() || arguments.has(kBackendOption.name) || arguments.has("no-comments") ||
         arguments.has(kConnectionsOption.name) || arguments.has("dry-run") || arguments.has(kWaitOption.name);
}

ExitCode run(Context& context, const Arguments& arguments) {
  base::prefer_huge_pages();
  const auto backend = read_backend_option(arguments);
  if (!backend) return usage_error(context, kApplyCommand, backend.error());
  if (const auto load = kernel_options(context, arguments); !load)
    return usage_error(context, kApplyCommand, load.error());
  const auto connections = read_connections_option(arguments);
  if (!connections) return usage_error(context, kApplyCommand, connections.error());
  if (const auto wrong = wrong_confirm_option(arguments)) return usage_error(context, kApplyCommand, *wrong);
  if (!is_beyond_daemon(arguments))
    if (auto daemon = DaemonClient::find(arguments)) return apply_through(context, arguments, *daemon);
  const std::string directory = directory_of(arguments);
  const control::TreeRecorder files(context.files);
  const auto checked = check_tree(files, directory);
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
  const control::Wishes wishes{.backend = *backend, .force = arguments.has("force")};
  if (arguments.has("dry-run")) return dry_run(context, arguments, checked->policy, wishes);

  auto configuration = std::async(std::launch::async, history::Store::packed_configuration, files.below(directory));
  const auto session = open_session(context, arguments);
  if (!session) return report_refusal(context, session.error());
  const auto plan = control::make_plan((*session)->kernel(), checked->policy, wishes);
  if (!plan) return report_refusal(context, plan.error());
  return apply_generation(context, arguments, **session,
                          {.directory = directory,
                           .configuration = configuration.get(),
                           .plan = *plan,
                           .who = caller(),
                           .comment = arguments.value(kCommentOption.name).value_or(""),
                           .connections = *connections},
                          wishes.force ? OnLockout::Warn : OnLockout::Ask);
}

}  // namespace

constinit const Command kApplyCommand{
    .name = "apply",
    .summary = "load a configuration into the kernel",
    .arguments = "[DIR]",
    .usage =
        "Checks and compiles the configuration tree DIR (default " VUURMUUR_CONFIG_DIR
        ") and loads it into the\n"
        "kernel as a new generation. When the kernel refuses a part, all is put back as it was. Chains of others\n"
        "stay. Live connections stay, except those of blocked addresses, unless --connections=enforce ends those that "
        "the\n"
        "rules refuse and changes those that go to another queue or log group. With --confirm, which a terminal that "
        "was\n"
        "reached over SSH has by itself, the generation before comes back unless 'vuurmuur confirm' is said in time.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
