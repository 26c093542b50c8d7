// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "apply/apply.h"
#include "base/duration.h"
#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"
#include "control/blocks_json.h"
#include "control/listing_json.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "table", .argument = "TABLE", .help = "only raw, mangle, nat or filter"},
    Option{.name = "family", .argument = "4|6", .help = "one family only; default both"},
    Option{.name = "all", .argument = "", .help = "also the chains of others"},
    Option{
        .name = "blocked", .argument = "", .help = "instead: who is blocked by 'vuurmuur block', and how long still"},
    Option{.name = "baited",
           .argument = "",
           .help = "instead: who is led to a honeypot by 'vuurmuur bait', and how long still"},
    kStateDirOption,
    kJsonOption,
};

struct Wishes {
  std::optional<ir::TableName> table;
  std::optional<net::Family> family;
  bool all = false;

  [[nodiscard]] bool wants(const apply::ListedTable& listed) const {
    return (!table || *table == listed.table) && (!family || *family == listed.family);
  }
  [[nodiscard]] bool wants(const apply::ListedChain& chain) const { return all || chain.own || !chain.policy.empty(); }
};

std::expected<Wishes, std::string> read_wishes(const Arguments& arguments) {
  Wishes wishes;
  wishes.all = arguments.has("all");
  if (const auto name = arguments.value("table")) {
    std::vector<std::string_view> names;
    for (const ir::TableName table : ir::kTables) {
      if (ir::to_string(table) == *name) wishes.table = table;
      names.push_back(ir::to_string(table));
    }
    if (!wishes.table) return std::unexpected("no table is named '" + *name + "'" + did_you_mean(*name, names));
  }
  if (const auto family = arguments.value("family")) {
    if (*family != "4" && *family != "6")
      return std::unexpected("option '--family': '" + *family + "' is neither 4 nor 6");
    wishes.family = *family == "4" ? net::Family::Ipv4 : net::Family::Ipv6;
  }
  return wishes;
}

/// A count in at most five characters, as people read it: 1234567 is "1235K".
std::string short_count(std::uint64_t number) {
  constexpr std::string_view kUnits = "KMGTPE";
  if (number < 100'000) return std::to_string(number);
  std::size_t unit = 0;
  auto value = static_cast<double>(number) / 1000;
  while (value >= 9999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.0f}{}", value, kUnits[unit]);
}

void print_chain(std::ostream& out, const apply::ListedChain& chain, bool colour) {
  out << (colour ? "\033[1m" : "") << "chain " << chain.name << (colour ? "\033[0m" : "");
  if (!chain.policy.empty()) {
    out << fmt::format(" (policy {}, {} packets, {} bytes)", chain.policy, short_count(chain.packets),
                       short_count(chain.bytes));
  }
  out << '\n';
  std::size_t width = 0;
  for (const auto& rule : chain.rules) width = std::max(width, std::min<std::size_t>(rule.text.size(), 100));
  for (const auto& rule : chain.rules) {
    out << fmt::format("  {:>6} {:>6}  ", short_count(rule.packets), short_count(rule.bytes));
    if (rule.origin.empty()) {
      out << rule.text << '\n';
      continue;
    }
    out << fmt::format("{:<{}}  ", rule.text, width) << (colour ? "\033[2m" : "") << "# " << rule.origin
        << (colour ? "\033[0m" : "") << '\n';
  }
}

void print_tables(Context& context, const std::vector<apply::ListedTable>& tables, const Wishes& wishes) {
  const bool colour = style_for(context.colour, STDOUT_FILENO) == diag::Style::Colour;
  bool first = true;
  for (const auto& table : tables) {
    if (!wishes.wants(table)) continue;
    context.out << (first ? "" : "\n")
                << fmt::format("{} {}{}  (packets, bytes, rule, # origin)\n",
                               table.family == net::Family::Ipv4 ? "IPv4" : "IPv6", ir::to_string(table.table),
                               table.engine == apply::Backend::Nft ? " in nft" : "");
    first = false;
    for (const auto& chain : table.chains) {
      if (wishes.wants(chain)) print_chain(context.out, chain, colour);
    }
  }
}

void print_json(Context& context, std::vector<apply::ListedTable> tables, const Wishes& wishes) {
  nlohmann::ordered_json document = nlohmann::ordered_json::array();
  for (apply::ListedTable& table : tables) {
    if (!wishes.wants(table)) continue;
    std::erase_if(table.chains, [&](const apply::ListedChain& chain) { return !wishes.wants(chain); });
    document.push_back(control::json_of(table));
  }
  context.out << document.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) << '\n';
}

base::Result<std::vector<control::Block>> read_blocks(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  if (service.daemon() == nullptr) {
    const auto kernel = apply::make_kernel();
    const control::SystemClock clock;
    return control::Blocks(*kernel, context.files, state_directory(arguments), clock).list();
  }
  auto blocks = control::blocks_from(VM_TRY(service.call("Blocked")).value("blocked", ipc::Json::array()));
  if (!blocks) return strange_answer();
  return std::move(*blocks);
}

base::Result<std::vector<apply::ListedTable>> read_tables(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  if (service.daemon() == nullptr) return apply::list(*apply::make_kernel(), runtime_directory(arguments));
  // Not copied: it can be megabytes.
  const ipc::Json answer = VM_TRY(service.call("List"));
  const auto found = answer.find("tables");
  auto tables = found == answer.end() ? std::nullopt : control::tables_from(*found);
  if (!tables) return strange_answer();
  return std::move(*tables);
}

ExitCode list_blocked(Context& context, const Arguments& arguments) {
  const auto blocks = read_blocks(context, arguments);
  if (!blocks) return report_refusal(context, blocks.error());
  if (context.json) {
    auto document = nlohmann::ordered_json::array();
    for (const control::Block& block : *blocks) document.push_back(control::json_of(block));
    context.out << document.dump(2) << '\n';
    return ExitCode::Done;
  }
  if (blocks->empty()) context.out << "nobody is blocked\n";
  std::size_t width = 0;
  for (const control::Block& block : *blocks) width = std::max(width, control::prefix_text(block.prefix).size());
  for (const control::Block& block : *blocks)
    context.out << fmt::format("{:<{}}  {}\n", control::prefix_text(block.prefix), width,
                               block.left ? base::duration_text(*block.left) : "until it is unblocked");
  return ExitCode::Done;
}

base::Result<std::vector<control::Baited>> read_baited(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  if (service.daemon() == nullptr) {
    const auto kernel = apply::make_kernel();
    const control::SystemClock clock;
    return control::Blocks(*kernel, context.files, state_directory(arguments), clock).list_baited();
  }
  auto baited = control::baited_from(VM_TRY(service.call("Baited")).value("baited", ipc::Json::array()));
  if (!baited) return strange_answer();
  return std::move(*baited);
}

ExitCode list_baited(Context& context, const Arguments& arguments) {
  const auto baited = read_baited(context, arguments);
  if (!baited) return report_refusal(context, baited.error());
  if (context.json) {
    auto document = nlohmann::ordered_json::array();
    for (const control::Baited& each : *baited) document.push_back(control::json_of(each));
    context.out << document.dump(2) << '\n';
    return ExitCode::Done;
  }
  if (baited->empty()) context.out << "nobody is led to a bait\n";
  for (const control::Baited& each : *baited)
    context.out << fmt::format("{}  to {}  {}\n", each.address.to_string(), each.to,
                               each.left ? base::duration_text(*each.left) : "until 'vuurmuur unbait'");
  return ExitCode::Done;
}

ExitCode run(Context& context, const Arguments& arguments) {
  if (arguments.has("baited")) return list_baited(context, arguments);
  if (arguments.has("blocked")) return list_blocked(context, arguments);
  const auto wishes = read_wishes(arguments);
  if (!wishes) return usage_error(context, kListCommand, wishes.error());
  auto tables = read_tables(context, arguments);
  if (!tables) return report_refusal(context, tables.error());
  if (context.json) {
    print_json(context, std::move(*tables), *wishes);
  } else {
    print_tables(context, *tables, *wishes);
  }
  return ExitCode::Done;
}

}  // namespace

constinit const Command kListCommand{
    .name = "list",
    .summary = "show the rules that the kernel holds, with counters and origin",
    .arguments = "",
    .usage =
        "Reads the tables of both rule engines back and prints each rule with the packets and bytes that it took and\n"
        "the rule of the configuration that it comes from. Shows our own chains and the built-in ones. In nft, rules "
        "of\n"
        "one origin share a counter. With --blocked: the addresses and networks that are blocked for a time,\n"
        "with --baited: those that are led to a honeypot.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
