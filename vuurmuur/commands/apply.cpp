// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/heap.h"
#include "cli/apply_generation.h"
#include "cli/apply_to.h"
#include "cli/connection_report.h"
#include "cli/engine.h"
#include "cli/kernel_report.h"
#include "cli/policy.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"

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
    kCommentsOption,
    kNoCommentsOption,
    kToOption,
    kToDirOption,
    kStateDirOption,
    kWaitOption,
    kJsonOption,
};

using ipc::Json;

ExitCode print_dry_run(Context& context, const Json& answer) {
  const auto ipv4 = answer.at("ipv4_rules").get<std::size_t>(), ipv6 = answer.at("ipv6_rules").get<std::size_t>();
  const Json &backend = answer.at("backend"), &connections = answer.at("connections");
  if (context.json) {
    Json document{{"applied", false}, {"dry_run", true}, {"backend", backend}, {"rules", ipv4 + ipv6}};
    if (!connections.is_null()) document["connections"] = connections;
    context.out << document.dump(2) << '\n';
    return ExitCode::Done;
  }
  context.out << fmt::format("would load {} rules ({} IPv4, {} IPv6){}; nothing was changed\n", ipv4 + ipv6, ipv4, ipv6,
                             backend.is_null() ? "" : fmt::format(" into {}", backend.get<std::string>()));
  if (!connections.is_null()) print_connections(context, connections);
  return ExitCode::Done;
}

ExitCode dry_run(Context& context, Service& service, Json parameters, apply::LiveConnections connections) {
  parameters["own_connection"] = own_connection_parameter();
  const ipc::Reply reply = service.ask("Preview", parameters);
  if (const Json text = reply.parameters.value("text", Json()); text.is_string())
    context.err << text.get<std::string>();
  if (is_error(reply, "ConfigurationHasErrors"))
    return report_failure(context, error_of(reply).message, ExitCode::Configuration);
  if (!reply.error.empty()) return report_refusal(context, error_of(reply));
  for (const Json& warning : reply.parameters.value("warnings", Json::array()))
    if (warning.is_string()) tell(context, "warning", warning.get<std::string>());
  tell_lockout(context, reply.parameters, connections);
  try {
    return print_dry_run(context, reply.parameters);
  } catch (const Json::exception&) {
    return report_refusal(context, strange_answer().error());
  }
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
  const bool is_forced = arguments.has("force");
  // Mistyped: nothing that is kept as a configuration that was refused.
  if (const auto mistyped = mistyped_directory(context, arguments))
    return usage_error(context, kApplyCommand, *mistyped);
  if (arguments.has(kToOption.name)) return apply_to(context, arguments);
  if (arguments.has(kToDirOption.name))
    return usage_error(context, kApplyCommand, "option '--to-dir' is nothing without --to");
  Json parameters{{"force", is_forced},
                  {"backend", nullptr},
                  {"connections", arguments.value(kConnectionsOption.name).value_or("keep")},
                  {"colour", style_for(context.colour, STDERR_FILENO) == diag::Style::Colour}};
  if (const auto word = arguments.value(kBackendOption.name)) parameters["backend"] = *word;
  std::optional<std::string> directory;
  if (!arguments.positional().empty()) directory = arguments.positional().front();
  Service service = Service::find(context, arguments, directory);
  if (arguments.has("dry-run")) return dry_run(context, service, std::move(parameters), *connections);
  parameters["comments"] = arguments.has(kCommentsOption.name);
  parameters["no_comments"] = arguments.has(kNoCommentsOption.name);
  const auto answer = ask_to_apply(context, arguments, service, "Apply", std::move(parameters), *connections,
                                   is_forced ? OnLockout::Warn : OnLockout::Ask);
  if (!answer) return answer.error();
  return print_applied(context, arguments, answer->value("applied", Json::object()), *connections);
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
        "reached over SSH has by itself, the generation before comes back unless 'vuurmuur confirm' is said in time.\n"
        "With --to it does so on other machines, on all of them or none: it shows what differs, and confirms by new\n"
        "connections.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
