// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/surroundings.h"

#include <algorithm>
#include <utility>

#include "apply/route_socket.h"

namespace vuurmuur::control {
namespace {

constexpr unsigned kBits = 128;

bool is_link_local(const net::Address& address) {
  return address.family == net::Family::Ipv6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

/// Whether a host has addresses that nobody wrote.
bool follows(const model::Host& host) { return !host.suffixes.empty() || !host.dns_names.empty(); }

/// The same of a network.
bool follows(const model::Network& network) { return network.dynamic_ipv4 || network.dynamic_ipv6; }

/// The devices of a network's interfaces that are there.
std::vector<std::string> devices_of(const model::Policy& policy, const model::Network& network,
                                    const Surroundings& around) {
  std::vector<std::string> found;
  for (const model::Interface& interface : policy.interfaces) {
    const bool is_of_network =
        std::ranges::any_of(network.interfaces, [&](const auto& name) { return *name == *interface.name; });
    if (!is_of_network || !interface.active) continue;
    const std::string device = interface.device->substr(0, interface.device->find(':'));
    for (const auto& [name, addresses] : around.devices) {
      const bool fits = device.ends_with('+') ? name.starts_with(device.substr(0, device.size() - 1)) : name == device;
      if (fits && std::ranges::find(found, name) == found.end()) found.push_back(name);
    }
  }
  return found;
}

std::vector<std::string> devices_of(const model::Policy& policy, const model::Host& host, const Surroundings& around) {
  const auto network = std::ranges::find_if(
      policy.networks, [&](const model::Network& n) { return *n.name == host.network && n.zone == host.zone; });
  return network == policy.networks.end() ? std::vector<std::string>() : devices_of(policy, *network, around);
}

/// Adds the prefixes that a network's devices have. An address that is alone has none.
void add_prefixes(const model::Policy& policy, const Surroundings& around, model::Network& network) {
  for (const std::string& device : devices_of(policy, network, around))
    for (const net::Prefix& owned : around.devices.at(device)) {
      const auto& dynamic = network.dynamic(owned.family());
      if (!dynamic || owned.length == net::address_bits(owned.family())) continue;
      const net::Prefix prefix = owned.network();
      const auto is_it = [&](const auto& located) { return *located == prefix; };
      if (std::ranges::none_of(network.prefixes, is_it)) network.prefixes.emplace_back(prefix, dynamic->span);
    }
}

/// The address with that host part in a prefix; nothing when the part is too long for it.
std::optional<net::Address> address_in(const net::Prefix& prefix, const net::Address& part) {
  if (prefix.family() != net::Family::Ipv6 || prefix.length == kBits) return std::nullopt;
  if (net::Prefix{.address = part, .length = prefix.length}.network().address != net::Address{.family = part.family})
    return std::nullopt;
  net::Address address = prefix.network().address;
  for (std::size_t i = 0; i < address.bytes.size(); ++i) address.bytes[i] |= part.bytes[i];
  return address;
}

/// Adds the addresses that a host has by its host parts and names.
void add_addresses(const model::Policy& policy, const Surroundings& around, model::Host& host) {
  const auto add = [&host](const net::Address& address, const diag::Span& span) {
    const auto is_it = [&](const auto& located) { return *located == address; };
    if (std::ranges::none_of(host.addresses, is_it)) host.addresses.emplace_back(address, span);
  };
  if (!host.suffixes.empty())
    for (const std::string& device : devices_of(policy, host, around))
      for (const net::Prefix& prefix : around.devices.at(device))
        for (const auto& suffix : host.suffixes)
          if (const auto address = address_in(prefix, *suffix)) add(*address, suffix.span);
  for (const auto& name : host.dns_names) {
    const auto known = around.names.find(name->name);
    if (known == around.names.end()) continue;
    for (const net::Family family : net::kFamilies)
      if (name->has(family) && known->second.of(family))
        for (const net::Address& address : *known->second.of(family)) add(address, name.span);
  }
}

}  // namespace

Surroundings look_around(KnownNames names) {
  Surroundings around{.devices = {}, .names = std::move(names)};
  const auto facts = apply::read_routing_facts();
  if (!facts) return around;
  for (const auto& [number, name] : facts->devices) around.devices[name];
  for (const apply::OwnedAddress& owned : facts->addresses) {
    const auto device = facts->devices.find(owned.device);
    if (device == facts->devices.end() || owned.is_deprecated || is_link_local(owned.address)) continue;
    around.devices[device->second].push_back({.address = owned.address, .length = owned.length});
  }
  for (auto& [name, addresses] : around.devices) std::ranges::sort(addresses);
  return around;
}

bool has_followers(const model::Policy& policy) {
  return std::ranges::any_of(policy.hosts, [](const model::Host& host) { return follows(host); }) ||
         std::ranges::any_of(policy.networks, [](const model::Network& network) { return follows(network); });
}

Followers followers_in(const model::Policy& policy, const Surroundings& around) {
  Followers followers;
  for (std::size_t i = 0; i < policy.networks.size(); ++i) {
    if (!follows(policy.networks[i])) continue;
    followers.networks.push_back({.place = i, .object = policy.networks[i]});
    add_prefixes(policy, around, followers.networks.back().object);
  }
  for (std::size_t i = 0; i < policy.hosts.size(); ++i) {
    if (!follows(policy.hosts[i])) continue;
    followers.hosts.push_back({.place = i, .object = policy.hosts[i]});
    add_addresses(policy, around, followers.hosts.back().object);
  }
  return followers;
}

model::Policy in_surroundings(const model::Policy& policy, const Surroundings& around) {
  model::Policy resolved = policy;
  Followers followers = followers_in(policy, around);
  for (auto& follower : followers.networks) resolved.networks[follower.place] = std::move(follower.object);
  for (auto& follower : followers.hosts) resolved.hosts[follower.place] = std::move(follower.object);
  return resolved;
}

std::string what_matters(const model::Policy& policy, const Surroundings& around) {
  std::string text;
  const Followers followers = followers_in(policy, around);
  for (const auto& [place, network] : followers.networks) {
    text += network.full_name();
    for (const auto& prefix : network.prefixes) text += ' ' + prefix->to_string();
    text += '\n';
  }
  for (const auto& [place, host] : followers.hosts) {
    text += host.full_name();
    for (const auto& address : host.addresses) text += ' ' + address->to_string();
    text += '\n';
  }
  for (const model::Interface& interface : policy.interfaces) {
    const bool has_settings = interface.protections != model::InterfaceProtections{};
    if (interface.active && has_settings && around.devices.contains(*interface.device))
      text += *interface.device + '\n';
  }
  return text;
}

}  // namespace vuurmuur::control
