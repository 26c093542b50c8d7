// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kStateDirOption, kJsonOption};

/// Whole seconds until a deadline, none below 0; nothing when it is of another boot.
std::optional<std::int64_t> seconds_left(const history::Moment& deadline, const history::Moment& now) {
  if (deadline.boot != now.boot) return std::nullopt;
  return std::max<std::int64_t>(0, (deadline.nanoseconds - now.nanoseconds + 999'999'999) / 1'000'000'000);
}

struct Status {
  const history::Generation* in_force = nullptr;
  const char* state = "idle";
  std::optional<std::int64_t> left;
};

Status status_of(const history::Journal& journal, const control::Clock& clock) {
  Status status;
  const auto number = journal.pending ? std::optional(journal.pending->generation) : journal.confirmed;
  if (number) status.in_force = journal.find(*number);
  if (!journal.pending) {
    status.state = number ? "confirmed" : "idle";
  } else if (!journal.pending->deadline) {
    status.state = "applying";
  } else {
    status.state = "awaiting confirmation";
    status.left = seconds_left(*journal.pending->deadline, clock.now());
  }
  return status;
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto journal = history::Store(context.files, state_directory(arguments)).read_journal();
  if (!journal) return report_refusal(context, journal.error());
  const Status status = status_of(*journal, control::SystemClock());
  if (context.json) {
    nlohmann::ordered_json document{{"state", status.state}, {"generation", nullptr}, {"confirmed", nullptr}};
    if (status.in_force != nullptr) document["generation"] = json_of(*status.in_force, *journal);
    if (journal->confirmed) document["confirmed"] = *journal->confirmed;
    if (status.left) document["seconds_left"] = *status.left;
    context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
    return ExitCode::Done;
  }
  if (status.in_force == nullptr) {
    context.out << "nothing was applied yet\n";
    return ExitCode::Done;
  }
  const history::Event& last = status.in_force->events.back();
  context.out << fmt::format("generation {} of {}: {} since {}, by {}\n", status.in_force->number,
                             status.in_force->directory, status.state, text_of_time(last.time), text_of(last.who));
  if (status.left)
    context.out << fmt::format("{} comes back in {} s unless it is confirmed: vuurmuur confirm\n",
                               name_of(journal->confirmed), *status.left);
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
