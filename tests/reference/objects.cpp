// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference/objects.h"

#include <algorithm>

namespace vuurmuur::reference {

const model::Interface* find_interface(const model::Policy& policy, std::string_view name) {
  for (const model::Interface& interface : policy.interfaces)
    if (interface.name.value == name) return &interface;
  return nullptr;
}

const model::Service* find_service(const model::Policy& policy, std::string_view name) {
  for (const model::Service& service : policy.services)
    if (service.name.value == name) return &service;
  return nullptr;
}

const model::Network* find_network(const model::Policy& policy, std::string_view full_name) {
  for (const model::Network& network : policy.networks)
    if (network.full_name() == full_name) return &network;
  return nullptr;
}

std::string device_of(const model::Interface& interface) {
  return interface.device.value.substr(0, interface.device.value.find(':'));
}

bool stands_for(const model::Interface& interface, std::string_view device) {
  std::string name = device_of(interface);
  if (!name.ends_with('+')) return name == device;
  name.pop_back();
  return !device.empty() && device.starts_with(name);
}

std::vector<net::Address> addresses_of(const model::Interface& interface, net::Family family, const World& world,
                                       const std::string& on) {
  std::vector<net::Address> all;
  for (const auto& address : interface.addresses)
    if (address.value.family == family) all.push_back(address.value);
  const bool dynamic = family == net::Family::Ipv4 ? interface.dynamic_ipv4 : interface.dynamic_ipv6;
  const auto device = world.devices.find(on.empty() ? device_of(interface) : on);
  if (!dynamic || device == world.devices.end()) return all;
  for (const net::Prefix& own : device->second)
    if (own.family() == family) all.push_back(own.address);
  return all;
}

std::vector<const model::Interface*> interfaces_of(const model::Policy& policy, const model::Network& network) {
  std::vector<const model::Interface*> all;
  for (const auto& name : network.interfaces) {
    const model::Interface* interface = find_interface(policy, name.value);
    if (interface != nullptr && interface->active) all.push_back(interface);
  }
  return all;
}

bool is_active(const model::Policy& policy, const model::Network& network) {
  if (!network.active) return false;
  for (const model::Zone& zone : policy.zones)
    if (zone.name.value == network.zone && !zone.active) return false;
  return !interfaces_of(policy, network).empty();
}

std::vector<net::Address> broadcasts_of(const model::Network& network) {
  std::vector<net::Address> all;
  for (const auto& prefix : network.prefixes)
    if (prefix.value.family() == net::Family::Ipv4 && prefix.value.length > 0 && prefix.value.length < 31)
      all.push_back(prefix.value.last());
  return all;
}

namespace {

std::vector<net::Prefix> values(const std::vector<model::Located<net::Prefix>>& prefixes) {
  std::vector<net::Prefix> all;
  for (const auto& prefix : prefixes) all.push_back(prefix.value);
  return all;
}

Part part_of(const model::Policy& policy, const model::Host& host) {
  Part part;
  part.network = find_network(policy, host.network + "." + host.zone);
  for (const auto& address : host.addresses) part.prefixes.push_back(net::Prefix::host(address.value));
  part.mac = host.mac;
  return part;
}

std::vector<Part> parts_of_member(const model::Policy& policy, const std::string& full_name) {
  std::vector<Part> parts;
  for (const model::Host& host : policy.hosts)
    if (host.full_name() == full_name && host.active) parts.push_back(part_of(policy, host));
  for (const model::Group& group : policy.groups) {
    if (group.full_name() != full_name || !group.active) continue;
    for (const auto& member : group.members)
      for (const model::Host& host : policy.hosts)
        if (host.full_name() == member.value + "." + group.network + "." + group.zone && host.active)
          parts.push_back(part_of(policy, host));
  }
  return parts;
}

}  // namespace

std::vector<Part> parts_of(const model::Policy& policy, const model::Endpoint& endpoint) {
  using Kind = model::Endpoint::Kind;
  std::vector<Part> parts;
  if (endpoint.kind == Kind::Zone) {
    for (const model::Network& network : policy.networks)
      if (network.zone == endpoint.name) parts.push_back({&network, values(network.prefixes), {}});
  } else if (endpoint.kind == Kind::Network || endpoint.kind == Kind::Broadcast) {
    if (const model::Network* network = find_network(policy, endpoint.name))
      parts.push_back({network, values(network->prefixes), {}});
  } else if (endpoint.kind == Kind::Member) {
    parts = parts_of_member(policy, endpoint.name);
  }
  std::erase_if(parts, [&](const Part& part) { return part.network == nullptr || !is_active(policy, *part.network); });
  return parts;
}

std::vector<net::Prefix> blocked(const model::Policy& policy) {
  std::vector<net::Prefix> all;
  for (const model::BlockEntry& entry : policy.blocklist) {
    if (!entry.active) continue;
    if (entry.prefix) {
      all.push_back(*entry.prefix);
      continue;
    }
    for (const Part& part : parts_of(policy, {model::Endpoint::Kind::Member, entry.text.value}))
      all.insert(all.end(), part.prefixes.begin(), part.prefixes.end());
  }
  return all;
}

}  // namespace vuurmuur::reference
