// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/object_lines.h"

#include <algorithm>

#include "screens/names.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using edit::Kind;
using ui::fill;
using ui::tr;

/// The ports that are not those of servers, as services of old are written.
constexpr net::PortRange kOfClients{1024, 65535};

void add(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

}  // namespace

std::string addresses_of(const model::Host& host) {
  std::string text;
  for (const auto& address : host.addresses) add(text, address->to_string());
  for (const auto& suffix : host.suffixes) add(text, suffix->to_string() + "/suffix");
  // A name may stand for both families and be written twice.
  std::string last;
  for (const auto& name : host.dns_names) {
    if (name->name != last) add(text, name->name);
    last = name->name;
  }
  return text;
}

std::string addresses_of(const model::Network& network) {
  std::string text;
  for (const auto& prefix : network.prefixes) add(text, prefix->to_string());
  if (network.dynamic_ipv4) add(text, tr("dynamic"));
  if (network.dynamic_ipv6) add(text, tr("dynamic IPv6"));
  return text;
}

std::string addresses_of(const model::Interface& interface) {
  std::string text;
  for (const auto& address : interface.addresses) add(text, address->to_string());
  if (interface.dynamic_ipv4) add(text, tr("dynamic"));
  if (interface.dynamic_ipv6) add(text, tr("dynamic IPv6"));
  return text;
}

std::string ports_of(const model::Service& service) {
  std::string text;
  for (const auto& ports : service.port_sets) {
    // Where clients call from by themselves is not worth the room.
    model::PortSet shown = *ports;
    if (shown.source == kOfClients) shown.source = net::PortRange::any();
    add(text, text_of(shown));
  }
  return text;
}

std::vector<ObjectLine> zone_lines(const model::Policy& policy) {
  std::vector<ObjectLine> lines;
  for (const model::Zone& zone : policy.zones) {
    const auto networks = std::ranges::count(policy.networks, *zone.name, &model::Network::zone);
    lines.push_back({.object = {Kind::Zone, *zone.name},
                     .is_active = zone.active,
                     .value = fill(ui::tr_count("{} network", "{} networks", networks), networks),
                     .comment = zone.comment});
  }
  return lines;
}

std::vector<ObjectLine> network_lines(const model::Policy& policy, const std::string& zone) {
  std::vector<ObjectLine> lines;
  for (const model::Network& network : policy.networks)
    if (network.zone == zone)
      lines.push_back({.object = {Kind::Network, network.full_name()},
                       .is_active = network.active,
                       .value = addresses_of(network),
                       .comment = network.comment});
  return lines;
}

std::vector<ObjectLine> host_lines(const model::Policy& policy, const std::string& network) {
  const std::string name = edit::first_part(network), zone = edit::parent_of(network);
  std::vector<ObjectLine> lines;
  for (const model::Host& host : policy.hosts)
    if (host.network == name && host.zone == zone)
      lines.push_back({.object = {Kind::Host, host.full_name()},
                       .is_active = host.active,
                       .value = addresses_of(host),
                       .comment = host.comment});
  for (const model::Group& group : policy.groups)
    if (group.network == name && group.zone == zone)
      lines.push_back({.object = {Kind::Group, group.full_name()},
                       .is_active = group.active,
                       .value = fill(tr("group of {}"), group.members.size()),
                       .comment = group.comment});
  return lines;
}

std::vector<ObjectLine> service_lines(const model::Policy& policy) {
  std::vector<ObjectLine> lines;
  for (const model::Service& service : policy.services)
    lines.push_back({.object = {Kind::Service, *service.name},
                     .is_active = service.active,
                     .value = ports_of(service),
                     .comment = service.comment});
  return lines;
}

std::vector<ObjectLine> interface_lines(const model::Policy& policy) {
  std::vector<ObjectLine> lines;
  for (const model::Interface& interface : policy.interfaces)
    lines.push_back({.object = {Kind::Interface, *interface.name},
                     .is_active = interface.active,
                     .value = *interface.device,
                     .comment = interface.comment});
  return lines;
}

void ProblemsByFile::look_at(const std::shared_ptr<const app::Reading>& reading) {
  if (reading_ == reading) return;
  reading_ = reading;
  by_path_.clear();
  for (const diag::Diagnostic& problem : reading->problems.all())
    if (problem.span) by_path_[reading->tree->sources.file(problem.span->file).path()].push_back(&problem);
}

std::span<const diag::Diagnostic* const> ProblemsByFile::of(const std::string& path) const {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return {};
  return found->second;
}

std::span<const diag::Diagnostic* const> ProblemsByFile::of(const edit::Object& object) const {
  return edit::fault_of_name(object) ? std::span<const diag::Diagnostic* const>() : of(edit::path_of(object));
}

bool has_error(std::span<const diag::Diagnostic* const> problems) {
  return std::ranges::any_of(problems, [](const auto* one) { return one->severity == diag::Severity::Error; });
}

std::string text_of(const diag::Diagnostic& problem) {
  return problem.suggestion ? problem.message + fill(tr("; did you mean '{}'?"), *problem.suggestion) : problem.message;
}

}  // namespace vuurmuur::screens
