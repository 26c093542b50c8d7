// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ranges>

#include "cli/apply_generation.h"
#include "cli/caller.h"
#include "cli/daemon_client.h"
#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kConfirmOption, kCommentOption, kStateDirOption, kWaitOption, kJsonOption};

/// The one that was confirmed before the one in force.
std::optional<history::Number> one_before(const history::Journal& journal) {
  for (const history::Generation& generation : journal.generations | std::views::reverse)
    if (generation.number < journal.confirmed.value_or(0) && generation.state() == history::What::Confirmed)
      return generation.number;
  return std::nullopt;
}

ExitCode apply_again(Context& context, const Arguments& arguments, Session& session, history::Number number) {
  const auto journal = session.store().read_journal();
  if (!journal) return report_refusal(context, journal.error());
  const history::Generation generation = *journal->find(number);
  const auto checked = control::read_generation(session.store(), generation);
  if (!checked) return report_refusal(context, checked.error());
  auto files = session.store().read_configuration(number);
  if (!files) return report_refusal(context, files.error());
  const auto plan = control::make_plan(session.kernel(), (*checked)->policy, {.backend = {}, .force = true});
  if (!plan) return report_refusal(context, plan.error());
  return apply_generation(context, arguments, session,
                          {.directory = generation.directory,
                           .configuration = history::Store::packed_configuration(*files),
                           .plan = *plan,
                           .who = caller(),
                           .comment = arguments.value(kCommentOption.name).value_or(""),
                           .copy_of = number},
                          OnLockout::Warn);
}

/// What a daemon does of it for others: the generation that waits goes.
ExitCode take_back(Context& context, const Arguments& arguments, DaemonClient& daemon) {
  if (!arguments.positional().empty())
    return report_failure(context, "the daemon takes back what waits; a former generation needs root", ExitCode::Refused);
  const auto reply = daemon.call("TakeBack");
  if (!reply) return report_refusal(context, reply.error());
  control::WentBack back{.from = {}, .to = {}, .reason = "it was rolled back", .report = {}};
  for (const auto& [name, place] : {std::pair{"taken_back", &back.from}, std::pair{"in_force", &back.to}})
    if (reply->contains(name) && reply->at(name).is_number_unsigned()) *place = reply->at(name).get<history::Number>();
  print_went_back(context, back);
  return ExitCode::Done;
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (const auto wrong = wrong_confirm_option(arguments)) return usage_error(context, kRollbackCommand, *wrong);
  if (const auto load = kernel_options(context, arguments); !load)
    return usage_error(context, kRollbackCommand, load.error());
  if (auto daemon = DaemonClient::find(arguments)) return take_back(context, arguments, *daemon);
  const auto session = open_session(context, arguments, history::Wait::Yes);
  if (!session) return report_refusal(context, session.error());
  const auto journal = (*session)->store().read_journal();
  if (!journal) return report_refusal(context, journal.error());
  if (!arguments.positional().empty()) {
    const auto number = read_number(arguments.positional().front(), *journal);
    if (!number) return report_failure(context, number.error(), ExitCode::Usage);
    return apply_again(context, arguments, **session, *number);
  }
  if (journal->pending) {
    const auto back = (*session)->manager().take_back(caller(), "it was rolled back");
    if (!back) return report_refusal(context, back.error());
    print_went_back(context, *back);
    return ExitCode::Done;
  }
  const auto before = one_before(*journal);
  if (!before) return report_failure(context, "there is no earlier generation to go back to", ExitCode::Refused);
  return apply_again(context, arguments, **session, *before);
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
