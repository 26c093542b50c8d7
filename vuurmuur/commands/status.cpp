// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kStateDirOption, kJsonOption};

ExitCode run(Context& context, const Arguments& arguments) {
  const auto journal = Service::find(context, arguments).journal();
  if (!journal) return report_refusal(context, journal.error());
  const control::SystemClock clock;
  if (context.json) {
    context.out << control::status_json(*journal, clock)
                       .dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace)
                << '\n';
    return ExitCode::Done;
  }
  const control::Status status = control::status_of(*journal, clock);
  if (status.in_force == nullptr) {
    context.out << "nothing was applied yet\n";
    return ExitCode::Done;
  }
  const history::Event& last = status.in_force->state_event();
  context.out << fmt::format("generation {} of {}: {} since {}, by {}\n", status.in_force->number,
                             status.in_force->directory, status.state, text_of_time(last.time), text_of(last.who));
  if (status.drift != nullptr)
    context.out << fmt::format("{} changed its rules at {}: {}\n", status.drift->who.user,
                               text_of_time(status.drift->time), status.drift->detail);
  if (status.seconds_left)
    context.out << fmt::format("{} comes back in {} s unless it is confirmed: vuurmuur confirm\n",
                               control::name_of(journal->confirmed), *status.seconds_left);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kStatusCommand{
    .name = "status",
    .summary = "show which generation is in force",
    .arguments = "",
    .usage = "Tells which generation is in force, since when, and how long it waits for its confirmation.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
