// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/log_names.h"

#include <optional>

namespace vuurmuur::control {

LogNames::LogNames(const model::Policy& model, const sema::Policy& policy)
    : index_(names::Index::build(model, policy)), own_(policy) {}

void LogNames::name_end(const net::Address& address, std::string& name, std::string& zone) const {
  if (const auto found = index_.address(address)) {
    name = *found;
    zone = index_.zone(address).value_or(std::string_view());
    return;
  }
  if (const std::string* own = own_.find(address)) {
    name = *own;
    zone = names::kFirewall;
    return;
  }
  name.clear();
  log::append_address(name, address);
  zone = index_.zone(address).value_or(std::string_view());
}

void LogNames::name(const log::Packet& packet, std::string_view, std::string_view, log::Names& names) const {
  name_end(packet.source, names.from, names.from_zone);
  name_end(packet.destination, names.to, names.to_zone);
  // Of ICMP the two numbers of a service are type and code.
  const std::uint16_t first = packet.ports ? packet.ports->source : packet.icmp ? packet.icmp->type : std::uint16_t{0};
  const std::uint16_t second = packet.ports ? packet.ports->destination : packet.icmp ? packet.icmp->code : std::uint16_t{0};
  const bool has_ports = packet.protocol == net::Protocol::Tcp || packet.protocol == net::Protocol::Udp;
  const bool is_icmp = packet.protocol == net::Protocol::Icmp || packet.protocol == net::Protocol::Icmpv6;
  // A later fragment, or one that was cut, is of no service that can be told.
  const bool is_told = !(has_ports && !packet.ports) && !(is_icmp && !packet.icmp);
  if (const auto service = is_told ? index_.service(packet.protocol, first, second) : std::nullopt) {
    names.service = *service;
    return;
  }
  names.service.clear();
  log::append_unnamed_service(names.service, packet);
}

}  // namespace vuurmuur::control
