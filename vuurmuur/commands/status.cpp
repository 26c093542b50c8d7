// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "cli/generation_text.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "cli/terminal.h"
#include "cli/watching.h"
#include "commands/commands.h"
#include "control/generation_json.h"
#include "control/journal_events.h"
#include "control/manager.h"
#include "control/queue_report.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

constexpr std::array kOptions{
    Option{.name = "watch", .argument = "", .help = "go on until Ctrl-C, and tell what happens"},
    kStateDirOption,
    kJsonOption,
};

void print_refused(Context& context, const Json& status) {
  const auto refused = control::refused_from(status.at("refused"));
  if (!refused) return;
  context.out << fmt::format("the configuration in {} was refused at {}, by {}: {}\n", refused->directory,
                             text_of_time(refused->time), text_of(refused->who), refused->message);
  for (const std::string_view line : base::split(refused->text, '\n'))
    if (!line.empty()) context.out << "  " << line << '\n';
}

/// Queues of the policy that nobody listens to, or whose programs are stuck.
void print_unattended(Context& context, const Json& status) {
  const auto found = status.find("unattended");
  if (found == status.end()) return;
  const bool is_colour = style_for(context.colour, STDOUT_FILENO) == diag::Style::Colour;
  for (const Json& period : *found) {
    if (!period.at("end").is_null()) continue;
    const std::string numbers =
        control::queue_numbers(period.at("first").get<std::uint16_t>(), period.at("last").get<std::uint16_t>());
    const std::string since = text_of_time(period.at("begin").get<std::int64_t>());
    // A daemon of before does not tell it.
    const std::string line =
        period.value("stuck", false)
            ? fmt::format("queue {}: stuck since {}, what is sent there waits, and is dropped where the queue is full",
                          numbers, since)
            : fmt::format("queue {}: nobody listens since {}, what is sent there {}", numbers, since,
                          period.at("bypass").get<bool>() ? "passes without inspection" : "is dropped");
    context.out << (is_colour ? "\033[31m" + line + "\033[0m" : line) << '\n';
  }
}

/// What became of the newest generation when it is not the one in force.
void print_newest(Context& context, const Json& status) {
  if (status.at("newest").is_null()) return;
  const history::Generation newest = control::generation_from(status.at("newest"));
  const history::Event& last = newest.state_event();
  context.out << fmt::format("generation {} was {} at {}, by {}{}{}\n", newest.number, to_string(last.what),
                             text_of_time(last.time), text_of(last.who), last.detail.empty() ? "" : ": ", last.detail);
}

/// Throws what nlohmann throws, and std::invalid_argument.
void print_status(Context& context, const Json& status) {
  if (status.at("generation").is_null()) {
    context.out << "nothing was applied yet\n";
  } else {
    const history::Generation generation = control::generation_from(status.at("generation"));
    const history::Event& last = generation.state_event();
    context.out << fmt::format("generation {} of {}: {} since {}, by {}\n", generation.number, generation.directory,
                               status.at("state").get<std::string>(), text_of_time(last.time), text_of(last.who));
  }
  if (const Json& drift = status.at("drift"); !drift.is_null())
    context.out << fmt::format("{} changed its rules at {}: {}\n", drift.at("program").get<std::string>(),
                               text_of_time(drift.at("time").get<std::int64_t>()),
                               drift.at("detail").get<std::string>());
  if (status.contains("seconds_left")) {
    std::optional<history::Number> confirmed;
    if (!status.at("confirmed").is_null()) confirmed = status.at("confirmed").get<history::Number>();
    context.out << fmt::format("{} comes back in {} s unless it is confirmed: vuurmuur confirm\n",
                               control::name_of(confirmed), status.at("seconds_left").get<std::int64_t>());
  }
  if (const Json& waiting = status.at("waiting"); !waiting.is_null()) context.out << waiting.get<std::string>() << '\n';
  if (const auto baited = status.find("baited"); baited != status.end() && baited->is_number() && *baited != 0)
    context.out << fmt::format(
        "{} led to baits: vuurmuur list --baited\n",
        *baited == 1 ? "1 address is" : fmt::format("{} addresses are", baited->get<std::size_t>()));
  print_unattended(context, status);
  print_newest(context, status);
  print_refused(context, status);
}

void print_event(Context& context, const control::StateEvent& event) {
  if (context.json) {
    context.out << json_of(event).dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << '\n';
  } else {
    std::string line = fmt::format("{}  {}", text_of_time(event.time), event.what);
    if (event.generation) line += fmt::format(", generation {}", *event.generation);
    if (!event.who.user.empty()) line += fmt::format(", by {}", text_of(event.who));
    if (!event.detail.empty()) line += ": " + event.detail;
    context.out << line << '\n';
  }
  context.out.flush();
}

/// Looks at the journal whenever somebody writes it.
base::Result<void> watch_journal(Context& context, Service& service, const std::string& directory) {
  const auto watching = VM_TRY(Watching::begin());
  const base::UniqueFd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!changes || ::inotify_add_watch(changes.get(), directory.c_str(), IN_MOVED_TO) < 0)
    return base::system_error(fmt::format("watch '{}'", directory), errno);
  history::Journal known = VM_TRY(service.journal());
  print_event(context, control::current_state(known, control::SystemClock()));
  watching->loop().watch(changes.get(), POLLIN, [&](short) {
    std::array<char, 4096> events;
    while (::read(changes.get(), events.data(), events.size()) > 0) {
    }
    auto journal = service.journal();
    if (!journal) return watching->end(std::unexpected(journal.error()));
    for (const control::StateEvent& event : control::events_between(known, *journal)) print_event(context, event);
    known = std::move(*journal);
  });
  return watching->run();
}

ExitCode watch(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const auto ended = service.daemon() == nullptr ? watch_journal(context, service, state_directory(arguments))
                                                 : watch_daemon(service, "Monitor", Json::object(),
                                                                [&](const Json& answer) -> base::Result<void> {
                                                                  const auto event = control::event_from(answer);
                                                                  if (!event) return strange_answer();
                                                                  print_event(context, *event);
                                                                  return {};
                                                                });
  return ended ? ExitCode::Done : report_refusal(context, ended.error());
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (arguments.has("watch")) return watch(context, arguments);
  const auto status = Service::find(context, arguments).call("Status");
  if (!status) return report_refusal(context, status.error());
  if (context.json) {
    context.out << status->dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << '\n';
    return ExitCode::Done;
  }
  try {
    print_status(context, *status);
  } catch (const std::exception&) {
    return report_refusal(context, strange_answer().error());
  }
  return ExitCode::Done;
}

}  // namespace

constinit const Command kStatusCommand{
    .name = "status",
    .summary = "show which generation is in force",
    .arguments = "",
    .usage =
        "Tells which generation is in force, since when, how long it waits for its confirmation, what another program\n"
        "changed in its rules, and why the last one or the configuration was refused or taken back. With --watch:\n"
        "what happens, a line each, as long as it happens.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
