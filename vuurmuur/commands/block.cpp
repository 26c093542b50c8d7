// SPDX-License-Identifier: GPL-2.0-or-later
// block and unblock: who gets nothing through, for a time and without a reload.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "cli/block_targets.h"
#include "cli/caller.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "control/blocks_json.h"

namespace vuurmuur::cli {
namespace {

using control::prefix_text;
using ipc::Json;

constexpr std::array kBlockOptions{
    Option{.name = "for", .argument = "TIME", .help = "how long: 90s, 10m, 2h, 7d; until 'unblock' without it"},
    Option{.name = "kill", .argument = "", .help = "end live connections, which otherwise go on"},
    Option{.name = "force", .argument = "", .help = "also the address that you come from"},
    kConfigOption,
    kStateDirOption,
    kJsonOption,
};

constexpr std::array kUnblockOptions{kConfigOption, kStateDirOption, kJsonOption};

Json texts_of(const std::vector<net::Prefix>& prefixes) {
  auto texts = Json::array();
  for (const net::Prefix& prefix : prefixes) texts.push_back(prefix_text(prefix));
  return texts;
}

/// "192.0.2.7", or "3 addresses and networks".
std::string what(const std::vector<net::Prefix>& prefixes) {
  return prefixes.size() == 1 ? prefix_text(prefixes.front())
                              : fmt::format("{} addresses and networks", prefixes.size());
}

void warn_when_not_in_force(Context& context, bool is_in_force) {
  if (!is_in_force)
    tell(context, "warning",
         "no rules of Vuurmuur that ask who is blocked are in the kernel: in force with the next apply or restore");
}

ExitCode run_block(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const auto targets = block_targets(context, arguments, service.configuration());
  if (!targets) return usage_error(context, kBlockCommand, targets.error());
  const auto time = block_time(arguments);
  if (!time) return usage_error(context, kBlockCommand, time.error());
  const auto own = net::Address::parse(caller().from);
  for (const net::Prefix& target : *targets)
    if (own && target.contains(*own) && !arguments.has("force"))
      return report_failure(context,
                            fmt::format("you come from {}, which {} holds; --force blocks it all the same",
                                        own->to_string(), prefix_text(target)),
                            ExitCode::NeedsPerson);
  const auto seconds = *time ? Json((*time)->count()) : Json(nullptr);
  const auto answer = service.call(
      "Block", {{"addresses", texts_of(*targets)}, {"for_seconds", seconds}, {"kill", arguments.has("kill")}});
  if (!answer) return report_refusal(context, answer.error());
  const auto ended = answer->value("ended_connections", std::size_t{0});
  const bool is_in_force = answer->value("in_force", false);
  if (context.json) {
    context.out << Json{{"blocked", texts_of(*targets)},
                        {"seconds", seconds},
                        {"in_force", is_in_force},
                        {"ended_connections", ended}}
                       .dump(2)
                << '\n';
    return ExitCode::Done;
  }
  warn_when_not_in_force(context, is_in_force);
  const char* const for_ever = targets->size() == 1 ? "until it is unblocked" : "until they are unblocked";
  context.out << fmt::format("{} blocked {}", what(*targets), *time ? "for " + base::duration_text(**time) : for_ever);
  if (arguments.has("kill")) context.out << fmt::format("; {} live connections ended", ended);
  context.out << '\n';
  return ExitCode::Done;
}

ExitCode run_unblock(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const auto targets = block_targets(context, arguments, service.configuration());
  if (!targets) return usage_error(context, kUnblockCommand, targets.error());
  const auto answer = service.call("Unblock", {{"addresses", texts_of(*targets)}});
  if (!answer) return report_refusal(context, answer.error());
  const auto changed = answer->value("unblocked", std::size_t{0});
  if (context.json) {
    context.out << Json{{"unblocked", changed}}.dump(2) << '\n';
    return ExitCode::Done;
  }
  if (changed == targets->size())
    context.out << fmt::format("{} not blocked any more\n", what(*targets));
  else if (targets->size() == 1)
    context.out << fmt::format("{} was not blocked by itself: 'vuurmuur list --blocked' tells what is\n",
                               what(*targets));
  else
    context.out << fmt::format("{} of {} not blocked any more; the others were not\n", changed, targets->size());
  return ExitCode::Done;
}

}  // namespace

constinit const Command kBlockCommand{
    .name = "block",
    .summary = "let nothing through from or to an address, a network or a host, at once and for a time",
    .arguments = "ADDRESS|NETWORK|NAME…",
    .usage =
        "Blocks addresses, networks, and hosts, groups and networks of the configuration by their full names. No "
        "rules\n"
        "are loaded: it is in force when the command returns, over every apply, and after a restart for what is left\n"
        "of its time. Connections that are live go on unless --kill ends them.",
    .options = kBlockOptions,
    .max_positional = kAnyNumberOfTargets,
    .run = run_block,
};

constinit const Command kUnblockCommand{
    .name = "unblock",
    .summary = "take back a block",
    .arguments = "ADDRESS|NETWORK|NAME…",
    .usage =
        "Takes back what 'vuurmuur block' did, in the words that it was done with. An address of a blocked network\n"
        "stays blocked by that network. Entries of rules/blocklist.conf are no business of this command.",
    .options = kUnblockOptions,
    .max_positional = kAnyNumberOfTargets,
    .run = run_unblock,
};

}  // namespace vuurmuur::cli
