// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/log_names.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <optional>

namespace vuurmuur::control {
namespace {

std::optional<net::Address> address_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  net::Address read;
  if (address->sa_family == AF_INET) {
    std::memcpy(read.bytes.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
  } else if (address->sa_family == AF_INET6) {
    read.family = net::Family::Ipv6;
    std::memcpy(read.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  } else {
    return std::nullopt;
  }
  return read;
}

}  // namespace

LogNames::LogNames(const model::Policy& model, const sema::Policy& policy)
    : index_(names::Index::build(model, policy)) {
  for (const sema::Interface& interface : policy.interfaces) interfaces_.try_emplace(interface.device, interface.name);
  look_around();
}

void LogNames::look_around() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  const std::unique_ptr<ifaddrs, decltype([](ifaddrs* all) { ::freeifaddrs(all); })> owner(list);
  own_.clear();
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    const auto address = address_of(each->ifa_addr);
    if (!address || each->ifa_name == nullptr) continue;
    const auto interface = interfaces_.find(std::string_view(each->ifa_name));
    own_.try_emplace(*address,
                     "firewall(" + (interface == interfaces_.end() ? std::string(each->ifa_name) : interface->second) + ")");
  }
}

void LogNames::name_end(const net::Address& address, std::string& name, std::string& zone) const {
  if (const auto found = index_.address(address)) {
    name = *found;
    zone = index_.zone(address).value_or(std::string_view());
    return;
  }
  if (const auto own = own_.find(address); own != own_.end()) {
    name = own->second;
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
