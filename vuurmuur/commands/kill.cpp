// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/connection_filter.h"
#include "cli/connection_table.h"
#include "cli/kernel_report.h"
#include "cli/lockout_warning.h"
#include "cli/question.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

constexpr std::array kOptions{
    Option{.name = "all", .argument = "", .help = "all connections: without a filter nothing is done otherwise"},
    Option{.name = "dry-run", .argument = "", .help = "only tell which would end"},
    Option{.name = "force", .argument = "", .help = "also your own connection"},
    Option{.name = "yes", .argument = "", .help = "do not ask"},
    kFamilyOption,
    kStateDirOption,
    kJsonOption,
};

/// So many lines a person is shown before he is asked.
constexpr std::size_t kMostShown = 20;

std::size_t count_in(const Json& answer, const char* name) { return answer.value(name, std::size_t{0}); }

std::string connections_text(std::size_t count) {
  return fmt::format("{} live connection{}", count, count == 1 ? "" : "s");
}

/// What was or would be ended, as a table.
void print_table(std::ostream& out, const Json& answer, std::size_t most) {
  const Json connections = answer.value("connections", Json::array());
  if (connections.empty()) return;
  std::string text(connection_head());
  for (std::size_t i = 0; i < std::min(most, connections.size()); ++i) append_line(connections[i], text);
  const std::size_t matched = count_in(answer, "matched"), shown = std::min(most, connections.size());
  if (shown < matched) text += fmt::format("… and {} more\n", matched - shown);
  out << text;
}

/// The answer of the service, or an exit code.
std::expected<Json, ExitCode> ask_service(Context& context, Service& service, const Json& parameters) {
  ipc::Reply reply = service.ask("KillConnections", parameters);
  if (reply.error.empty()) return std::move(reply.parameters);
  if (!is_error(reply, "WrongFilter")) return std::unexpected(report_refusal(context, error_of(reply)));
  context.err << reply.parameters.value("text", "");
  return std::unexpected(ExitCode::Usage);
}

/// Asks before anything ends. The exit code to stop with, or nothing to go on.
std::optional<ExitCode> ask_person(Context& context, const Json& would) {
  const std::size_t matched = count_in(would, "matched");
  if (matched == 0) return std::nullopt;
  if (!is_terminal(STDIN_FILENO))
    return report_failure(
        context,
        fmt::format("this ends {} and there is nobody to ask; --yes does it all the same", connections_text(matched)),
        ExitCode::NeedsPerson);
  print_table(context.err, would, kMostShown);
  if (ask(context, fmt::format("This ends {}. Go on?", connections_text(matched)))) return std::nullopt;
  return report_failure(context, "nothing was ended", ExitCode::NeedsPerson);
}

ExitCode report(Context& context, const Json& answer, bool is_dry) {
  const std::size_t ended = count_in(answer, "ended"), gone = count_in(answer, "gone"),
                    failed = count_in(answer, "failed");
  if (context.json) {
    context.out << answer.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << '\n';
  } else if (is_dry) {
    print_table(context.out, answer, answer.value("connections", Json::array()).size());
    context.out << fmt::format("{} would end\n", connections_text(count_in(answer, "matched")));
  } else {
    context.out << fmt::format("{} ended", connections_text(ended));
    if (gone != 0) context.out << fmt::format(", {} had ended by {}", gone, gone == 1 ? "itself" : "themselves");
    context.out << '\n';
  }
  if (failed == 0) return ExitCode::Done;
  const Json why = answer.value("failure", Json());
  return report_failure(context,
                        fmt::format("{} could not be ended: {}", connections_text(failed),
                                    why.is_string() ? why.get<std::string>() : std::string("the kernel refused")),
                        ExitCode::Refused);
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto family = read_family(arguments);
  if (!family) return usage_error(context, kKillCommand, family.error());
  if (arguments.positional().empty() && !arguments.has("all"))
    return usage_error(context, kKillCommand, "a filter is missing; --all ends all connections");
  if (!arguments.positional().empty() && arguments.has("all"))
    return usage_error(context, kKillCommand, "option '--all' is without a filter");
  Service service = Service::find(context, arguments);
  const bool is_dry = arguments.has("dry-run"), may_end_own = arguments.has("force");
  Json parameters{{"filter", filter_text(arguments)},
                  {"all", arguments.has("all")},
                  {"dry_run", true},
                  {"own_connection", own_connection_parameter()},
                  {"force", may_end_own}};
  if (*family) parameters["family"] = **family == net::Family::Ipv4 ? 4 : 6;
  const auto would = ask_service(context, service, parameters);
  if (!would) return would.error();
  const bool has_own = would->value("own", false);
  if (has_own) tell(context, "warning", "your own connection is among them");
  if (is_dry) return report(context, *would, /*is_dry=*/true);
  if (has_own && !may_end_own)
    return report_failure(context, "this would end your own connection, so nothing was ended; --force ends it as well",
                          ExitCode::NeedsPerson);
  if (!arguments.has("yes"))
    if (const auto code = ask_person(context, *would)) return *code;
  parameters["dry_run"] = false;
  const auto done = ask_service(context, service, parameters);
  if (!done) return done.error();
  if (done->value("own", false) && !may_end_own)
    return report_failure(context, "your own connection came among them meanwhile, so nothing was ended",
                          ExitCode::NeedsPerson);
  return report(context, *done, /*is_dry=*/false);
}

}  // namespace

constinit const Command kKillCommand{
    .name = "kill",
    .summary = "end live connections that a filter lets through, and no others",
    .arguments = "FILTER…",
    .usage =
        "Ends the connections that 'vuurmuur connections' shows with the same filter: what comes of them afterwards "
        "is\n"
        "new to the rules, which decide about it anew. It does not keep them away: that is what 'vuurmuur block' and\n"
        "rules are for. Asks first; without a terminal it needs --yes. Your own connection to this machine ends only\n"
        "with --force.",
    .options = kOptions,
    .max_positional = kMostFilterWords,
    .run = run,
};

}  // namespace vuurmuur::cli
