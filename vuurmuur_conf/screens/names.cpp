// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/read.h"
#include "net/address.h"
#include "net/ports.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using ui::fill;
using ui::tr;

/// "10.0.0.0/24, 2001:db8::/64".
template <class Items>
std::string listed(const Items& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item->to_string();
  return text;
}

std::string with_comment(std::string text, const std::string& comment) {
  return comment.empty() ? text : text + (text.empty() ? "" : "  ") + comment;
}

Choice choice_of(const model::Service& service) {
  std::string ports, also;
  for (const auto& set : service.port_sets) ports += (ports.empty() ? "" : ", ") + text_of(*set);
  for (const auto* names : {&service.aliases, &service.categories})
    for (const auto& name : *names) also += *name + " ";
  return {.value = *service.name, .label = "", .note = with_comment(ports, service.comment), .also = std::move(also)};
}

}  // namespace

std::vector<Choice> endpoint_choices(const model::Policy& policy, bool is_destination) {
  std::vector<Choice> choices{{.value = "any", .label = "", .note = tr("everybody")},
                              {.value = "firewall", .label = "", .note = tr("this machine")},
                              {.value = "firewall(any)", .label = "", .note = tr("this machine, on every interface")}};
  for (const model::Zone& zone : policy.zones)
    choices.push_back({.value = *zone.name, .label = "", .note = with_comment(tr("zone"), zone.comment)});
  for (const model::Network& network : policy.networks) {
    const std::string note = with_comment(fill(tr("network {}"), listed(network.prefixes)), network.comment);
    choices.push_back({.value = network.full_name(), .label = "", .note = note});
    if (is_destination)
      choices.push_back(
          {.value = network.full_name() + "(broadcast)", .label = "", .note = tr("its broadcast address")});
  }
  for (const model::Host& host : policy.hosts)
    choices.push_back({.value = host.full_name(),
                       .label = "",
                       .note = with_comment(fill(tr("host {}"), listed(host.addresses)), host.comment)});
  for (const model::Group& group : policy.groups)
    choices.push_back({.value = group.full_name(),
                       .label = "",
                       .note = with_comment(fill(ui::tr_count("group of {} host", "group of {} hosts",
                                                              static_cast<long>(group.members.size())),
                                                 group.members.size()),
                                            group.comment)});
  return choices;
}

std::vector<Choice> service_choices(const model::Policy& policy) {
  std::vector<Choice> choices{{.value = "any", .label = "", .note = tr("every service")}};
  for (const model::Service& service : policy.services) choices.push_back(choice_of(service));
  return choices;
}

std::vector<Choice> shipped_service_choices(const model::Policy& policy,
                                            const std::map<std::string, std::string>& shipped) {
  std::vector<Choice> choices;
  for (const auto& [name, text] : shipped) {
    if (std::ranges::any_of(policy.services, [&](const auto& service) { return *service.name == name; })) continue;
    const config::Document document(text, config::key_case(config::FileType::Service));
    diag::Sink ignored;
    choices.push_back(choice_of(config::read_service({document, diag::FileId{}, ignored}, name)));
    choices.back().note += fmt::format("  ({})", tr("shipped"));
  }
  return choices;
}

std::vector<Choice> interface_choices(const model::Policy& policy) {
  std::vector<Choice> choices;
  for (const model::Interface& interface : policy.interfaces)
    choices.push_back(
        {.value = *interface.name, .label = "", .note = with_comment(*interface.device, interface.comment)});
  return choices;
}

std::string text_of(const model::PortSet& ports) {
  std::string text = net::to_string(ports.protocol);
  if (ports.icmp_type)
    return fmt::format("{} {}{}", text, *ports.icmp_type, ports.icmp_code ? fmt::format("/{}", *ports.icmp_code) : "");
  const bool has_source = ports.source != net::PortRange::any();
  const bool has_destination = ports.destination != net::PortRange::any();
  if (has_source) text += " " + ports.source.to_string() + "→";
  if (has_destination) text += (has_source ? "" : " ") + ports.destination.to_string();
  return text;
}

}  // namespace vuurmuur::screens
