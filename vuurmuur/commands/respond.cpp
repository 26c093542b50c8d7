// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>

#include <array>

#include "base/poll_loop.h"
#include "cli/block_targets.h"
#include "cli/kernel_report.h"
#include "cli/responding.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "config/tree.h"
#include "respond/input.h"

namespace vuurmuur::cli {
namespace {

constexpr const char* kDefaultInput = "unix_dgram:/run/vuurmuur-respond/eve.sock";
/// How often is told what led to nothing.
constexpr std::chrono::seconds kReportEach{10};

constexpr std::array kOptions{
    Option{
        .name = "input",
        .argument = "WHERE",
        .help =
            "unix_dgram:PATH (/run/vuurmuur-respond/eve.sock), unix_stream:PATH, regular:PATH or - for standard input"},
    Option{.name = "responses", .argument = "FILE", .help = "what to do (rules/responses.conf of the configuration)"},
    Option{.name = "check", .argument = "", .help = "read what to do, tell what is wrong with it, and do nothing"},
    Option{.name = "dry-run", .argument = "", .help = "tell what would be done, and do nothing"},
    kConfigOption,
    kStateDirOption,
    kJsonOption,
};

/// Reads and responds until a signal comes or the input ends.
base::Result<void> respond_to(const respond::InputAddress& address, Responding& responding,
                              const std::function<std::optional<ResponsePolicy>()>& read_policy) {
  base::PollLoop loop;
  VM_TRY_VOID(loop.take_signals({SIGINT, SIGTERM, SIGHUP}, [&](int signal) {
    if (signal != SIGHUP) return loop.stop();
    // One with mistakes is told of, and the one before goes on.
    if (auto policy = read_policy()) responding.follow(std::move(*policy));
  }));
  base::Result<void> ended;
  const auto input = VM_TRY(respond::Input::open(address, loop,
                                                 {.line = [&](std::string_view line) { responding.take(line); },
                                                  .pause = [&] { responding.block_pending(); },
                                                  .end =
                                                      [&](base::Result<void> how) {
                                                        ended = std::move(how);
                                                        loop.stop();
                                                      }}));
  const std::function<void()> report = [&] {
    responding.tell_left_out(input->skipped());
    loop.call_after(kReportEach, report);
  };
  loop.call_after(kReportEach, report);
  VM_TRY_VOID(loop.run());
  responding.tell_left_out(input->skipped());
  return ended;
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto address = respond::InputAddress::parse(arguments.value("input").value_or(kDefaultInput));
  if (!address) return usage_error(context, kRespondCommand, "option '--input': " + address.error());
  const std::string configuration =
      arguments.value(kConfigOption.name).value_or(Service::find(context, arguments).configuration());
  const std::string file =
      arguments.value("responses").value_or(configuration + "/" + std::string(config::kResponsesFile));
  const auto read_policy = [&] { return read_response_policy(context, arguments, file, configuration); };
  auto policy = read_policy();
  if (!policy) return ExitCode::Configuration;
  if (arguments.has("check")) return ExitCode::Done;
  Responding responding(context, arguments, std::move(*policy), arguments.has("dry-run"));
  const auto ended = respond_to(*address, responding, read_policy);
  return ended ? ExitCode::Done : report_refusal(context, ended.error());
}

}  // namespace

constinit const Command kRespondCommand{
    .name = "respond",
    .summary = "block those whom an inspector's alerts speak of, as rules/responses.conf says",
    .arguments = "",
    .usage =
        "Reads alerts in EVE, the JSON of Suricata, from a socket, a file or standard input, and blocks those whom "
        "they\n"
        "speak of for a time, with their live connections, as the statements say: 'block source for 1h when severity\n"
        "1'. Addresses that 'never block' names, and this machine's own, are never blocked. It goes on until a signal\n"
        "comes; SIGHUP has it read the statements again. 'vuurmuur unblock' takes a block back.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
