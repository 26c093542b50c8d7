// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/service_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <tuple>

#include "base/strings.h"
#include "config/names.h"
#include "config/read.h"

namespace vuurmuur::cli {
namespace {

using model::PortSet;
using model::Service;
using Names = std::vector<model::Located<std::string>>;

bool holds(std::string_view text, std::string_view lower_word) {
  return base::to_lower(text).find(lower_word) != std::string::npos;
}

bool holds(const Names& names, std::string_view lower_word) {
  return std::ranges::any_of(names, [&](const auto& name) { return holds(*name, lower_word); });
}

bool is_called(const Service& service, std::string_view word) {
  return base::equals_ignoring_case(*service.name, word) ||
         std::ranges::any_of(service.aliases,
                             [&](const auto& alias) { return base::equals_ignoring_case(*alias, word); });
}

bool fits(const Service& service, const std::string& word) {
  const std::string lower = base::to_lower(word);
  return holds(*service.name, lower) || holds(service.comment, lower) || holds(*service.helper, lower) ||
         holds(service.aliases, lower) || holds(service.categories, lower) || holds(ports_text(service), lower);
}

bool fits(const PortSet& set, const ServiceWishes::Port& port) {
  return net::has_ports(set.protocol) && (!port.protocol || *port.protocol == set.protocol) &&
         set.destination.contains(port.number);
}

bool fits(const Service& service, const ServiceWishes& wishes) {
  const auto has_port = [&](const ServiceWishes::Port& port) {
    return std::ranges::any_of(service.port_sets, [&](const auto& set) { return fits(*set, port); });
  };
  const auto has_category = [&](const std::string& wanted) {
    return std::ranges::any_of(service.categories,
                               [&](const auto& one) { return base::equals_ignoring_case(*one, wanted); });
  };
  return std::ranges::all_of(wishes.ports, has_port) &&
         std::ranges::all_of(wishes.words, [&](const std::string& word) { return fits(service, word); }) &&
         std::ranges::all_of(wishes.categories, has_category);
}

/// How many ports a service opens, so that the one for a port comes before ranges that it happens to be in. The same of
/// TCP and UDP is one.
std::size_t port_count(const Service& service) {
  std::set<net::PortRange> ranges;
  std::size_t count = 0;
  for (const auto& set : service.port_sets) {
    if (!net::has_ports(set->protocol))
      ++count;
    else if (ranges.insert(set->destination).second)
      count += std::size_t{set->destination.last} - set->destination.first + 1;
  }
  return count;
}

/// By how a service is found, the best first; equals by name.
auto order_of(const FoundService& found, const ServiceWishes& wishes) {
  const Service& service = found.service;
  const auto is_so_called = [&](const std::string& word) { return is_called(service, word); };
  const auto begins_so = [&](const std::string& word) {
    return base::to_lower(*service.name).starts_with(base::to_lower(word));
  };
  const bool has_words = !wishes.words.empty();
  return std::tuple(!(has_words && std::ranges::any_of(wishes.words, is_so_called)),
                    !(has_words && std::ranges::any_of(wishes.words, begins_so)),
                    wishes.ports.empty() ? 0 : port_count(service), base::to_lower(*service.name));
}

std::optional<Service> read_one(const base::FileSystem& files, const std::string& directory, const std::string& name) {
  if (!config::is_name(name)) return std::nullopt;
  const auto text = files.read_file(directory + "/" + name);
  if (!text) return std::nullopt;
  const config::Document document(*text, config::key_case(config::FileType::Service));
  diag::Sink ignored;
  return config::read_service({.document = document, .file = {}, .sink = ignored}, name);
}

}  // namespace

std::expected<void, std::string> ServiceWishes::add(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string number = text.substr(0, slash);
  if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) {
    words.push_back(text);
    return {};
  }
  Port port;
  const auto value = base::parse_number<std::uint16_t>(number);
  if (!value || *value == 0) return std::unexpected(fmt::format("a port is from 1 to 65535, not '{}'", number));
  port.number = *value;
  if (slash != std::string::npos) {
    const std::string protocol = base::to_lower(text.substr(slash + 1));
    if (protocol != "tcp" && protocol != "udp")
      return std::unexpected(fmt::format("'{}': ports are of tcp or udp, not of '{}'", text, text.substr(slash + 1)));
    port.protocol = protocol == "tcp" ? net::Protocol::Tcp : net::Protocol::Udp;
  }
  ports.push_back(port);
  return {};
}

base::Result<std::vector<FoundService>> read_services(const base::FileSystem& files, const std::string& configuration,
                                                      const std::string& shipped) {
  std::vector<FoundService> result;
  const auto is_there = [&](std::string_view name) {
    return std::ranges::any_of(result, [&](const auto& one) { return *one.service.name == name; });
  };
  const auto own = files.list_directory(configuration);
  if (!own && own.error().code != ENOENT) return std::unexpected(own.error());
  if (own)
    for (const std::string& name : *own)
      if (auto service = read_one(files, configuration, name)) result.push_back({std::move(*service), true});
  // Without the shipped ones there are still those of the configuration.
  if (const auto others = files.list_directory(shipped))
    for (const std::string& name : *others)
      if (!is_there(name))
        if (auto service = read_one(files, shipped, name)) result.push_back({std::move(*service), false});
  std::ranges::sort(result, {}, [](const FoundService& one) { return base::to_lower(*one.service.name); });
  return result;
}

std::vector<FoundService> search(std::vector<FoundService> services, const ServiceWishes& wishes) {
  std::erase_if(services, [&](const FoundService& one) { return !fits(one.service, wishes); });
  std::ranges::stable_sort(services, {}, [&](const FoundService& one) { return order_of(one, wishes); });
  return services;
}

std::string ports_text(const Service& service) {
  std::string text;
  for (const auto& set : service.port_sets) {
    text += (text.empty() ? "" : ", ") + net::to_string(set->protocol);
    if (net::has_ports(set->protocol)) {
      if (!set->destination.is_any() || set->source.is_any())
        text += " " + (set->destination.is_any() ? "any" : set->destination.to_string());
      if (!set->source.is_any()) text += " from " + set->source.to_string();
    } else if (set->icmp_type) {
      text += fmt::format(" {}", *set->icmp_type);
      if (set->icmp_code) text += fmt::format("/{}", *set->icmp_code);
    }
  }
  return text;
}

}  // namespace vuurmuur::cli
