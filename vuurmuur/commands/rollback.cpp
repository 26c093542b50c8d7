// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <nlohmann/json.hpp>

#include "cli/apply_generation.h"
#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kConfirmOption, kCommentOption, kStateDirOption, kWaitOption, kJsonOption};

using ipc::Json;

/// What was taken back, as the interface tells it.
base::Result<control::WentBack> went_back_from(const Json& answer) {
  try {
    const auto number = [&](const char* name) {
      return answer.at(name).is_null() ? std::nullopt : std::optional(answer.at(name).get<history::Number>());
    };
    return control::WentBack{.from = number("taken_back"),
                             .to = number("in_force"),
                             .reason = answer.at("reason").get<std::string>(),
                             .report = {.warnings = answer.at("warnings").get<std::vector<std::string>>()}};
  } catch (const Json::exception&) {
    return strange_answer();
  }
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (const auto wrong = wrong_confirm_option(arguments)) return usage_error(context, kRollbackCommand, *wrong);
  if (const auto load = kernel_options(context, arguments); !load)
    return usage_error(context, kRollbackCommand, load.error());
  Service service = Service::find(context, arguments);
  Json parameters = Json::object();
  if (!arguments.positional().empty()) {
    const auto journal = service.journal();
    if (!journal) return report_refusal(context, journal.error());
    const auto number = read_number(arguments.positional().front(), *journal);
    if (!number) return report_failure(context, number.error(), ExitCode::Usage);
    parameters["generation"] = *number;
  }
  const auto answer = ask_to_apply(context, arguments, service, "Rollback", std::move(parameters),
                                   apply::LiveConnections::Keep, OnLockout::Warn);
  if (!answer) return answer.error();
  if (const Json applied = answer->value("applied", Json()); !applied.is_null())
    return print_applied(context, arguments, applied, apply::LiveConnections::Keep);
  const auto back = went_back_from(*answer);
  if (!back) return report_refusal(context, back.error());
  print_went_back(context, *back);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kRollbackCommand{
    .name = "rollback",
    .summary = "go back to a former generation",
    .arguments = "[GENERATION]",
    .usage =
        "Without a number: takes back the generation that waits to be confirmed, or else brings back the one that\n"
        "was confirmed before the one in force. With a number: brings that one back. What is brought back is a\n"
        "new generation with the old configuration. The files of the configuration directory stay as they are;\n"
        "'vuurmuur show GENERATION --extract=DIR' writes out those of a generation.",
    .options = kOptions,
    .max_positional = 1,
    .run = run,
};

}  // namespace vuurmuur::cli
