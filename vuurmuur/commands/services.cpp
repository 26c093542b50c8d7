// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/kernel_report.h"
#include "cli/service_search.h"
#include "cli/terminal.h"
#include "commands/commands.h"
#include "config/categories.h"

namespace vuurmuur::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kOptions{
    Option{.name = "category", .argument = "CATEGORY", .help = "only services of this category", .repeatable = true},
    Option{.name = "categories", .argument = "", .help = "instead: the categories that there are"},
    Option{.name = "config",
           .argument = "DIR",
           .help = "configuration whose services are meant (" VUURMUUR_CONFIG_DIR ")"},
    Option{.name = "shipped", .argument = "DIR", .help = "where the shipped ones are (" VUURMUUR_DATA_DIR "/services)"},
    kJsonOption,
};

std::string joined(const std::vector<model::Located<std::string>>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + *name;
  return text;
}

Json texts(const std::vector<model::Located<std::string>>& names) {
  Json list = Json::array();
  for (const auto& name : names) list.push_back(*name);
  return list;
}

Json json_of(const model::PortSet& set) {
  Json object{{"protocol", net::to_string(set.protocol)}};
  if (net::has_ports(set.protocol)) {
    object["destination"] = {set.destination.first, set.destination.last};
    object["source"] = {set.source.first, set.source.last};
  }
  if (set.icmp_type) object["type"] = *set.icmp_type;
  if (set.icmp_code) object["code"] = *set.icmp_code;
  return object;
}

Json json_of(const FoundService& found) {
  const model::Service& service = found.service;
  Json ports = Json::array();
  for (const auto& set : service.port_sets) ports.push_back(json_of(*set));
  return {{"name", *service.name},
          {"configured", found.is_configured},
          {"active", service.active},
          {"comment", service.comment},
          {"categories", texts(service.categories)},
          {"aliases", texts(service.aliases)},
          {"ports", std::move(ports)},
          {"helper", service.helper->empty() ? Json() : Json(*service.helper)},
          {"broadcast", service.broadcast}};
}

void print_json(Context& context, const Json& document) {
  context.out << document.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) << '\n';
}

/// A comment, and by which other names one may know the service.
std::string description(const model::Service& service) {
  std::string text = service.comment;
  if (!service.aliases.empty()) text += fmt::format("{}(also {})", text.empty() ? "" : " ", joined(service.aliases));
  return text;
}

void print_text(Context& context, const std::vector<FoundService>& found, const std::string& shipped) {
  constexpr std::size_t kWidestPorts = 40;
  std::size_t name = 4, ports = 5, category = 8;
  for (const FoundService& one : found) {
    name = std::max(name, one.service.name->size());
    ports = std::max(ports, std::min(kWidestPorts, ports_text(one.service).size()));
    category = std::max(category, joined(one.service.categories).size());
  }
  const bool colour = style_for(context.colour, STDOUT_FILENO) == diag::Style::Colour;
  context.out << fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}\n", "name", name, "ports", ports, "category", category,
                             "description");
  bool has_others = false;
  for (const FoundService& one : found) {
    has_others |= !one.is_configured;
    const std::string line = fmt::format(
        "{} {:<{}}  {:<{}}  {:<{}}  {}", one.is_configured ? (one.service.active ? '*' : '-') : ' ', *one.service.name,
        name, ports_text(one.service), ports, joined(one.service.categories), category, description(one.service));
    context.out << (colour && one.is_configured ? "\033[1m" + line + "\033[0m" : line) << '\n';
  }
  if (has_others)
    context.out << fmt::format("* in the configuration; to use another, copy it from {} into its services/\n", shipped);
}

ExitCode list_categories(Context& context, const std::vector<FoundService>& services) {
  Json list = Json::array();
  for (const config::CategoryRow& row : config::categories()) {
    const auto has_it = [&](const FoundService& one) {
      return std::ranges::any_of(one.service.categories, [&](const auto& category) { return *category == row.name; });
    };
    const auto count = std::ranges::count_if(services, has_it);
    if (context.json)
      list.push_back({{"name", row.name}, {"help", row.help}, {"services", count}});
    else
      context.out << fmt::format("{:<12}  {:>3}  {}\n", row.name, count, row.help);
  }
  if (context.json) print_json(context, list);
  return ExitCode::Done;
}

/// What is wrong with a category that no service has, or nothing.
std::optional<std::string> unknown_category(const std::string& name, const std::vector<FoundService>& services) {
  if (config::is_category(base::to_lower(name))) return std::nullopt;
  for (const FoundService& one : services)
    for (const auto& category : one.service.categories)
      if (base::equals_ignoring_case(*category, name)) return std::nullopt;
  std::vector<std::string_view> names;
  for (const config::CategoryRow& row : config::categories()) names.push_back(row.name);
  return fmt::format("no category is named '{}'{}", name, did_you_mean(name, names));
}

ExitCode run(Context& context, const Arguments& arguments) {
  ServiceWishes wishes;
  wishes.categories = arguments.values("category");
  for (const std::string& word : arguments.positional())
    if (const auto added = wishes.add(word); !added) return usage_error(context, kServicesCommand, added.error());
  const std::string configuration = arguments.value("config").value_or(VUURMUUR_CONFIG_DIR);
  const std::string shipped = arguments.value("shipped").value_or(VUURMUUR_DATA_DIR "/services");
  auto services = read_services(context.files, configuration + "/services", shipped);
  if (!services) return report_failure(context, services.error().message, kSearchFailed);
  for (const std::string& category : wishes.categories)
    if (const auto wrong = unknown_category(category, *services)) return usage_error(context, kServicesCommand, *wrong);
  if (arguments.has("categories")) return list_categories(context, *services);

  const auto found = search(std::move(*services), wishes);
  if (context.json) {
    Json document = Json::array();
    for (const FoundService& one : found) document.push_back(json_of(one));
    print_json(context, document);
  } else if (found.empty()) {
    tell(context, "note", "no service is found");
  } else {
    print_text(context, found, shipped);
  }
  return found.empty() ? kFoundNothing : ExitCode::Done;
}

}  // namespace

constinit const Command kServicesCommand{
    .name = "services",
    .summary = "find a service by name, port, category or description",
    .arguments = "[WORD|PORT[/PROTOCOL]]...",
    .usage =
        "Shows the services of the configuration, marked with '*' ('-' when not active), and the shipped ones that "
        "can\n"
        "be copied into it: those that have all the words in their name, another usual name, description or category,\n"
        "and all the ports. 'vuurmuur services 443/tcp' tells what that port is for, 'vuurmuur services mail' what "
        "mail\n"
        "needs. Ends with 1 when there is none, and with 2 when that could not be told.",
    .options = kOptions,
    .max_positional = 16,
    .run = run,
    .misuse = kSearchFailed,
};

}  // namespace vuurmuur::cli
