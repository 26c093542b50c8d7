// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/apply_generation.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/caller.h"
#include "cli/guard_process.h"
#include "cli/kernel_report.h"

namespace vuurmuur::cli {
namespace {

constexpr std::chrono::seconds kRemoteConfirm{60};
/// A day: who does not come back by then will not confirm.
constexpr std::int64_t kLongestConfirm = 86'400;

std::optional<std::int64_t> seconds_of(const std::string& word) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  if (seconds < 0 || seconds > kLongestConfirm) return std::nullopt;
  return seconds;
}

std::optional<std::chrono::seconds> confirm_time(const Arguments& arguments, const history::Actor& who) {
  const auto option = arguments.value(kConfirmOption.name);
  if (!option) return is_remote_terminal(who) ? std::optional(kRemoteConfirm) : std::nullopt;
  const std::chrono::seconds time(seconds_of(*option).value_or(0));
  return time.count() == 0 ? std::nullopt : std::optional(time);
}

}  // namespace

std::optional<std::string> wrong_confirm_option(const Arguments& arguments) {
  const auto option = arguments.value(kConfirmOption.name);
  if (!option || seconds_of(*option)) return std::nullopt;
  return fmt::format("option '--confirm': expected seconds from 0 to {}, not '{}'", kLongestConfirm, *option);
}

ExitCode apply_generation(Context& context, const Arguments& arguments, Session& session, control::Request request,
                          OnLockout on_lockout) {
  request.confirm = confirm_time(arguments, request.who);
  const auto stop = warn_of_lockout(context, session.kernel(), request.plan.ruleset, request.plan.choice.backend,
                                    request.connections, request.confirm ? OnLockout::Warn : on_lockout);
  if (stop) return *stop;
  if (request.confirm) {
    const std::string directory = state_directory(arguments);
    if (const auto started = start_guard(directory, !arguments.has(kStateDirOption.name)); !started)
      return report_refusal(context, started.error());
  }
  auto applied = session.manager().apply(request);
  if (!applied) return report_refusal(context, applied.error());
  const bool has_list = applied->connections && *applied->connections;
  if (applied->connections && !has_list)
    applied->report.warnings.push_back("live connections may go on that the rules refuse or send elsewhere: " +
                                       applied->connections->error().message);
  if (applied->replaced)
    tell(context, "warning",
         fmt::format("generation {}, which waited to be confirmed, is replaced", *applied->replaced));
  print_report(context, applied->report,
               fmt::format("{}: {} rules loaded into {} as generation {}", request.directory, applied->report.rules,
                           apply::to_string(request.plan.choice.backend), applied->generation),
               {.backend = request.plan.choice.backend,
                .generation = applied->generation,
                .confirm = request.confirm,
                .goes_back_to = applied->goes_back_to,
                .connections = has_list ? &**applied->connections : nullptr});
  if (request.confirm && !context.json)
    context.out << fmt::format("{} comes back in {} s unless it is confirmed: vuurmuur confirm\n",
                               name_of(applied->goes_back_to), request.confirm->count());
  // The rules are in force; what is left of the wish is for somebody to look at.
  if (applied->connections && (!has_list || (*applied->connections)->failed != 0)) return ExitCode::NeedsPerson;
  return ExitCode::Done;
}

ExitCode apply_through(Context& context, const Arguments& arguments, DaemonClient& daemon) {
  const history::Actor who = caller();
  auto confirm = confirm_time(arguments, who);
  if (!arguments.has(kConfirmOption.name) && !who.from.empty()) confirm = kRemoteConfirm;
  const auto reply = daemon.call("Apply", {{"comment", arguments.value(kCommentOption.name).value_or("")},
                                           {"confirm_seconds", confirm ? confirm->count() : 0},
                                           {"force", arguments.has("force")}});
  if (!reply && reply.error().code == EINVAL)
    return report_failure(context, reply.error().message, ExitCode::Configuration);
  if (!reply) return report_refusal(context, reply.error());
  try {
    apply::Report report{.warnings = reply->at("warnings").get<std::vector<std::string>>(),
                         .rules = reply->at("rules").get<std::size_t>()};
    const auto generation = reply->at("generation").get<history::Number>();
    const auto backend = reply->at("backend").get<std::string>();
    std::optional<history::Number> before;
    if (!reply->at("goes_back_to").is_null()) before = reply->at("goes_back_to").get<history::Number>();
    print_report(context, report,
                 fmt::format("{} rules loaded into {} as generation {}", report.rules, backend, generation),
                 {.backend = backend == to_string(apply::Backend::Nft) ? apply::Backend::Nft : apply::Backend::Xtables,
                  .generation = generation,
                  .confirm = confirm,
                  .goes_back_to = before});
    if (confirm && !context.json)
      context.out << fmt::format("{} comes back in {} s unless it is confirmed: vuurmuur confirm\n", name_of(before),
                                 confirm->count());
    return ExitCode::Done;
  } catch (const nlohmann::json::exception& problem) {
    return report_failure(context, std::string("the daemon's answer is not understood: ") + problem.what(),
                          ExitCode::Refused);
  }
}

}  // namespace vuurmuur::cli
