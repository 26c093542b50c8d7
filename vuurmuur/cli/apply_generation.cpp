// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/apply_generation.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/caller.h"
#include "cli/kernel_report.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

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

std::optional<history::Number> number_in(const Json& answer, const char* name) {
  return answer.at(name).is_null() ? std::nullopt : std::optional(answer.at(name).get<history::Number>());
}

/// Where an answer has what was found out before anything was changed.
const Json& found_in(const Json& answer) {
  const auto applied = answer.find("applied");
  return applied != answer.end() && applied->is_object() ? *applied : answer;
}

void tell_found(Context& context, const Json& found, apply::LiveConnections connections) {
  if (const Json text = found.value("text", Json()); text.is_string()) context.err << text.get<std::string>();
  tell_lockout(context, found, connections);
}

}  // namespace

std::optional<std::string> wrong_confirm_option(const Arguments& arguments) {
  const auto option = arguments.value(kConfirmOption.name);
  if (!option || seconds_of(*option)) return std::nullopt;
  return fmt::format("option '--confirm': expected seconds from 0 to {}, not '{}'", kLongestConfirm, *option);
}

std::optional<std::chrono::seconds> confirm_time(const Arguments& arguments) {
  const auto option = arguments.value(kConfirmOption.name);
  if (!option) return is_remote_terminal(caller()) ? std::optional(kRemoteConfirm) : std::nullopt;
  const std::chrono::seconds time(seconds_of(*option).value_or(0));
  return time.count() == 0 ? std::nullopt : std::optional(time);
}

std::expected<Json, ExitCode> ask_to_apply(Context& context, const Arguments& arguments, Service& service,
                                           const std::string& method, Json parameters,
                                           apply::LiveConnections connections, OnLockout on_lockout) {
  const auto confirm = confirm_time(arguments);
  parameters["comment"] = arguments.value(kCommentOption.name).value_or("");
  parameters["confirm_seconds"] = confirm ? confirm->count() : 0;
  parameters["own_connection"] = own_connection_parameter();
  parameters = with_wait(service, arguments, with_caller(std::move(parameters)));
  if (on_lockout == OnLockout::Ask && !confirm) parameters["stop_on_lockout"] = true;
  ipc::Reply reply = service.ask(method, parameters);
  const bool is_asked = is_error(reply, "LocksOut");
  if (is_asked) {
    tell_found(context, reply.parameters, connections);
    if (const auto stop = ask_despite_lockout(context)) return std::unexpected(*stop);
    parameters.erase("stop_on_lockout");
    reply = service.ask(method, parameters);
  } else {
    tell_found(context, found_in(reply.parameters), connections);
  }
  if (is_error(reply, "ConfigurationHasErrors"))
    return std::unexpected(report_failure(context, error_of(reply).message, ExitCode::Configuration));
  if (!reply.error.empty()) return std::unexpected(report_refusal(context, error_of(reply)));
  return std::move(reply.parameters);
}

ExitCode print_applied(Context& context, const Arguments& arguments, const Json& applied,
                       apply::LiveConnections connections) {
  try {
    const apply::Report report{.warnings = applied.at("warnings").get<std::vector<std::string>>(),
                               .rules = applied.at("rules").get<std::size_t>(),
                               .ended_connections = applied.at("ended_connections").get<std::size_t>()};
    const auto confirm = confirm_time(arguments);
    const auto generation = applied.at("generation").get<history::Number>();
    const auto backend = applied.at("backend").get<std::string>();
    const Json& seen = applied.at("connections");
    if (const auto replaced = number_in(applied, "replaced"))
      tell(context, "warning", fmt::format("generation {}, which waited to be confirmed, is replaced", *replaced));
    print_report(context, report,
                 fmt::format("{}: {} rules loaded into {} as generation {}", applied.at("directory").get<std::string>(),
                             report.rules, backend, generation),
                 {.backend = backend == to_string(apply::Backend::Nft) ? apply::Backend::Nft : apply::Backend::Xtables,
                  .generation = generation,
                  .confirm = confirm,
                  .goes_back_to = number_in(applied, "goes_back_to"),
                  .connections = seen.is_null() ? nullptr : &seen});
    if (confirm && !context.json)
      context.out << fmt::format("{} comes back in {} s unless it is confirmed: vuurmuur confirm\n",
                                 control::name_of(number_in(applied, "goes_back_to")), confirm->count());
    // The rules are in force; what is left of the wish is for somebody to look at.
    const bool is_whole = connections == apply::LiveConnections::Keep || (!seen.is_null() && seen.at("failed") == 0);
    return is_whole ? ExitCode::Done : ExitCode::NeedsPerson;
  } catch (const Json::exception&) {
    return report_refusal(context, strange_answer().error());
  }
}

}  // namespace vuurmuur::cli
