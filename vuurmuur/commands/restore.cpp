// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <expected>

#include "base/strings.h"
#include "cli/caller.h"
#include "cli/kernel_report.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "baseline",
           .argument = "ADDRESSES",
           .help = "when there is no generation, or it cannot be loaded: drop all but what a machine cannot live without, "
                   "and let these addresses or networks, with commas between, reach it",
           .implied = "none"},
    kStateDirOption,
    kJsonOption,
};

/// The addresses of --baseline; the error is a message for the user.
std::expected<std::vector<net::Prefix>, std::string> read_management(const std::string& words) {
  std::vector<net::Prefix> management;
  if (words == "none" || words.empty()) return management;
  for (const std::string_view word : base::split(words, ',')) {
    auto prefix = net::Prefix::parse(word);
    if (!prefix) {
      const auto address = net::Address::parse(word);
      if (!address)
        return std::unexpected(fmt::format("option '--baseline': '{}' is neither an address nor a network", word));
      prefix = net::Prefix::host(*address);
    }
    management.push_back(*prefix);
  }
  return management;
}

ExitCode load_baseline(Context& context, Session& session, const std::vector<net::Prefix>& management,
                       const base::Error& why) {
  tell(context, "warning", why.message + "; the baseline is loaded instead");
  const auto report = session.manager().load_baseline(management);
  if (!report) return report_refusal(context, report.error());
  print_report(context, *report, fmt::format("the baseline is in force: {} rules", report->rules));
  return ExitCode::Done;
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto management = read_management(arguments.value("baseline").value_or(""));
  if (!management) return usage_error(context, kRestoreCommand, management.error());
  const auto session = open_session(context, arguments, history::Wait::Yes);
  if (!session) return report_refusal(context, session.error());
  const auto back = (*session)->manager().restore(caller());
  if (!back && arguments.has("baseline")) return load_baseline(context, **session, *management, back.error());
  if (!back) return report_refusal(context, back.error());
  print_went_back(context, *back);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kRestoreCommand{
    .name = "restore",
    .summary = "load the last confirmed generation, as at boot",
    .arguments = "",
    .usage = "Brings the kernel to exactly one generation, the last confirmed one, whatever state a crash or a reboot\n"
             "left: what was being applied or waited for its confirmation before the reboot is taken back. Reads the\n"
             "state directory only, never the configuration. With --baseline a machine without a generation is closed,\n"
             "but not to the addresses that manage it.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
