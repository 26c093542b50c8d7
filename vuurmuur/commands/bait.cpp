// SPDX-License-Identifier: GPL-2.0-or-later
// bait and unbait: who gets to know a honeypot, for a time and without a reload.
#include <fmt/format.h>

#include <algorithm>
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
#include "control/own_names.h"

namespace vuurmuur::cli {
namespace {

using ipc::Json;

constexpr std::array kBaitOptions{
    Option{.name = "to", .argument = "HOST[:PORT]", .help = "where to: one of those that BAIT of config.conf names"},
    Option{.name = "for", .argument = "TIME", .help = "how long: 90s, 10m, 2h, 7d; until 'unbait' without it"},
    Option{.name = "force", .argument = "", .help = "also the address that you come from"},
    kConfigOption,
    kStateDirOption,
    kJsonOption,
};

constexpr std::array kUnbaitOptions{kConfigOption, kStateDirOption, kJsonOption};

/// Single addresses behind the words of the command line.
std::expected<std::vector<net::Address>, std::string> addresses_of(TargetFinder& finder, const Arguments& arguments) {
  if (arguments.positional().empty()) return std::unexpected("an address or the name of a host is missing");
  std::vector<net::Address> addresses;
  for (const std::string& word : arguments.positional()) {
    const auto prefixes = finder.find(word);
    if (!prefixes) return std::unexpected(prefixes.error());
    for (const net::Prefix& prefix : *prefixes) {
      if (prefix != net::Prefix::host(prefix.address))
        return std::unexpected(
            fmt::format("'{}' is a network: only single addresses are led to a bait", prefix.to_string()));
      addresses.push_back(prefix.address);
    }
  }
  std::ranges::sort(addresses);
  addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
  return addresses;
}

/// Why somebody cannot be led there; nothing when he can.
std::optional<std::string> objection(const net::Address& address, const sema::Bait& bait,
                                     const control::OwnNames& own) {
  if (!bait.address(address.family))
    return fmt::format("{} has no {} address to which {} could be led", bait.name,
                       address.family == net::Family::Ipv4 ? "IPv4" : "IPv6", address.to_string());
  if (bait.ipv4 == address || bait.ipv6 == address)
    return fmt::format("{} is {} itself", address.to_string(), bait.name);
  if (const std::string* name = own.find(address))
    return fmt::format("{} is this machine's own, {}", address.to_string(), *name);
  return std::nullopt;
}

Json texts_of(const std::vector<net::Address>& addresses) {
  auto texts = Json::array();
  for (const net::Address& address : addresses) texts.push_back(address.to_string());
  return texts;
}

std::string what(const std::vector<net::Address>& addresses) {
  return addresses.size() == 1 ? addresses.front().to_string() : fmt::format("{} addresses", addresses.size());
}

ExitCode run_bait(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const auto word = arguments.value("to");
  if (!word) return usage_error(context, kBaitCommand, "option '--to' is missing: where to");
  TargetFinder finder(context, arguments, service.configuration());
  const auto addresses = addresses_of(finder, arguments);
  if (!addresses) return usage_error(context, kBaitCommand, addresses.error());
  const auto bait = finder.find_bait(*word);
  if (!bait) return usage_error(context, kBaitCommand, "option '--to': " + bait.error());
  const auto time = block_time(arguments);
  if (!time) return usage_error(context, kBaitCommand, time.error());
  control::OwnNames own{sema::Policy{}};
  own.look_around();
  for (const net::Address& address : *addresses)
    if (const auto why = objection(address, *bait, own)) return usage_error(context, kBaitCommand, *why);
  if (const auto from = net::Address::parse(caller().from);
      from && std::ranges::find(*addresses, *from) != addresses->end() && !arguments.has("force"))
    return report_failure(context,
                          fmt::format("you come from {}; --force leads it there all the same", from->to_string()),
                          ExitCode::NeedsPerson);
  const auto seconds = *time ? Json((*time)->count()) : Json(nullptr);
  const auto answer = service.call(
      "Bait", with_caller(Json{{"addresses", texts_of(*addresses)}, {"to", bait->name}, {"for_seconds", seconds}}));
  if (!answer) return report_refusal(context, answer.error());
  const auto ended = answer->value("ended_connections", std::size_t{0});
  const bool is_in_force = answer->value("in_force", false);
  if (context.json) {
    context.out << Json{{"baited", texts_of(*addresses)},
                        {"to", bait->name},
                        {"seconds", seconds},
                        {"in_force", is_in_force},
                        {"ended_connections", ended}}
                       .dump(2)
                << '\n';
    return ExitCode::Done;
  }
  if (!is_in_force)
    tell(context, "warning",
         "no rules of Vuurmuur that lead there are in the kernel: in force with the next apply or restore");
  context.out << fmt::format("{} led to {} {}; {} live connections ended\n", what(*addresses), bait->name,
                             *time ? "for " + base::duration_text(**time) : "until 'vuurmuur unbait'", ended);
  return ExitCode::Done;
}

ExitCode run_unbait(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  TargetFinder finder(context, arguments, service.configuration());
  const auto addresses = addresses_of(finder, arguments);
  if (!addresses) return usage_error(context, kUnbaitCommand, addresses.error());
  const auto answer = service.call("Unbait", with_caller(Json{{"addresses", texts_of(*addresses)}}));
  if (!answer) return report_refusal(context, answer.error());
  const auto changed = answer->value("unbaited", std::size_t{0});
  if (context.json) {
    context.out << Json{{"unbaited", changed}}.dump(2) << '\n';
    return ExitCode::Done;
  }
  if (changed == addresses->size())
    context.out << fmt::format("{} not led anywhere any more\n", what(*addresses));
  else if (addresses->size() == 1)
    context.out << fmt::format("{} was not led anywhere: 'vuurmuur list --baited' tells who is\n", what(*addresses));
  else
    context.out << fmt::format("{} of {} not led anywhere any more; the others were not\n", changed, addresses->size());
  return ExitCode::Done;
}

}  // namespace

constinit const Command kBaitCommand{
    .name = "bait",
    .summary = "lead what an address or a host begins to a honeypot, at once and for a time",
    .arguments = "ADDRESS|NAME…",
    .usage =
        "Leads what addresses, and hosts and groups of the configuration by their full names, begin to this machine "
        "or\n"
        "through it to a host that BAIT of config.conf names. No rules are loaded: it is in force when the command\n"
        "returns, over every apply, and after a restart for what is left of its time. Their other live connections "
        "end.",
    .options = kBaitOptions,
    .max_positional = kAnyNumberOfTargets,
    .run = run_bait,
};

constinit const Command kUnbaitCommand{
    .name = "unbait",
    .summary = "take back what 'bait' did",
    .arguments = "ADDRESS|NAME…",
    .usage = "Lets addresses go that were led to a honeypot; their connections with it end.",
    .options = kUnbaitOptions,
    .max_positional = kAnyNumberOfTargets,
    .run = run_unbait,
};

}  // namespace vuurmuur::cli
