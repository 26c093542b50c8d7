// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace vuurmuur::sema {
namespace {

/// "eth0:1" is a label of addresses on eth0: netfilter only knows eth0.
std::string device_of(const std::string& written) { return written.substr(0, written.find(':')); }

std::vector<std::optional<InterfaceId>> resolve_interfaces(const model::Policy& model, Policy& policy,
                                                           diag::Sink& sink) {
  std::vector<std::optional<InterfaceId>> ids(model.interfaces.size());
  std::map<std::string, const model::Interface*> by_device;
  for (std::size_t i = 0; i < model.interfaces.size(); ++i) {
    const model::Interface& written = model.interfaces[i];
    if (!written.active) continue;
    if (written.device->empty()) continue;  // an error that the reader has reported
    const auto [first, is_new] = by_device.emplace(*written.device, &written);
    if (!is_new) {
      sink.warning("same-device", written.device.span,
                   fmt::format("interfaces {} and {} are the same device '{}'", quoted(*first->second->name),
                               quoted(*written.name), *written.device))
          .notes.push_back({first->second->device.span, "the other one"});
    }
    Interface interface {
      .name = *written.name, .device = device_of(*written.device), .addresses = {},
      .dynamic_ipv4 = written.dynamic_ipv4, .dynamic_ipv6 = written.dynamic_ipv6, .protections = written.protections,
      .clamp_mss = written.clamp_mss
    };
    const model::InterfaceProtections& wanted = written.protections;
    if (interface.is_wildcard() &&
        (wanted.source_routed_packets || wanted.icmp_redirect || wanted.send_redirect || wanted.log_martians))
      sink.warning("protection-of-wildcard", written.device.span,
                   fmt::format("interface {}: protections other than rp-filter are settings of single devices, and are "
                               "not set for all that begin with '{}'",
                               quoted(*written.name), interface.device.substr(0, interface.device.size() - 1)));
    for (const auto& address : written.addresses)
      if (std::ranges::find(interface.addresses, *address) == interface.addresses.end())
        interface.addresses.push_back(*address);
    ids[i] = static_cast<InterfaceId>(policy.interfaces.size());
    policy.interfaces.push_back(std::move(interface));
  }
  return ids;
}

/// The active interfaces of a network, doubles left out. Unknown names are errors.
std::vector<InterfaceId> interfaces_of(const model::Network& network, const Names& names,
                                       const std::vector<std::optional<InterfaceId>>& active, diag::Sink& sink) {
  std::vector<InterfaceId> ids;
  for (const auto& name : network.interfaces) {
    const auto index = names.interfaces.find(*name);
    if (!index) {
      sink.error("unknown-interface", name.span, fmt::format("no interface is named {}", quoted(*name))).suggestion =
          names.interfaces.nearest(*name);
      continue;
    }
    const auto id = active[*index];
    if (id && std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

void resolve_networks(const model::Policy& model, const Names& names, Policy& policy, ActiveObjects& active,
                      diag::Sink& sink) {
  active.networks.resize(model.networks.size());
  active.zone_networks.resize(model.zones.size());
  for (std::size_t i = 0; i < model.networks.size(); ++i) {
    const model::Network& written = model.networks[i];
    std::vector<InterfaceId> interfaces = interfaces_of(written, names, active.interfaces, sink);
    const auto zone = names.zones.find(written.zone);
    if (!written.active || !zone || !model.zones[*zone].active) continue;
    if (interfaces.empty()) {
      sink.warning(
          "network-without-interface", written.name.span,
          fmt::format("network {} has no active interface: rules with it are left out", quoted(written.full_name())));
      continue;
    }
    Network network{.name = written.full_name(),
                    .prefixes = prefixes_of(written),
                    .interfaces = std::move(interfaces),
                    .spoof_protections = {},
                    .dhcp_client = written.dhcp_client,
                    .dhcp_server = written.dhcp_server,
                    .span = written.name.span};
    for (const auto& spoof : written.spoof_protections)
      if (std::ranges::find(network.spoof_protections, *spoof) == network.spoof_protections.end())
        network.spoof_protections.push_back(*spoof);
    for (const net::Family family : net::kFamilies)
      if (written.dynamic(family) &&
          std::ranges::none_of(network.prefixes, [&](const auto& prefix) { return prefix.family() == family; }))
        sink.warning("network-without-prefix", written.dynamic(family)->span,
                     fmt::format("no device of network {} has an {} prefix now: rules with it match nothing in that "
                                 "family until one has",
                                 quoted(network.name), family == net::Family::Ipv4 ? "IPv4" : "IPv6"));
    if (network.prefixes.empty() && !written.dynamic_ipv4 && !written.dynamic_ipv6)
      sink.warning("network-without-address", written.name.span,
                   fmt::format("network {} has no address: rules with it match nothing", quoted(network.name)));
    const auto dynamic = [&](InterfaceId id) {
      return policy.interface(id).dynamic_ipv4 || policy.interface(id).dynamic_ipv6;
    };
    if (network.dhcp_client && std::ranges::none_of(network.interfaces, dynamic))
      sink.warning("dhcp-client-static", written.name.span,
                   fmt::format("network {} accepts dhcp-client, but none of its interfaces has a dynamic address",
                               quoted(network.name)));
    const auto id = static_cast<NetworkId>(policy.networks.size());
    active.networks[i] = id;
    active.zone_networks[*zone].push_back(id);
    policy.networks.push_back(std::move(network));
  }
}

/// Whether an address may be a host's in one of the prefixes: inside, and in IPv4 neither the network's own address nor
/// its broadcast address (RFC 1122 3.2.1.3; prefixes of 31 and 32 bits have none, RFC 3021).
bool is_host_address(const net::Address& address, const std::vector<model::Located<net::Prefix>>& prefixes) {
  return std::ranges::any_of(prefixes, [&](const auto& located) {
    const net::Prefix& prefix = *located;
    if (!prefix.contains(address)) return false;
    if (prefix.family() != net::Family::Ipv4 || prefix.length >= 31 || prefix.is_any()) return true;
    return address != prefix.address && address != prefix.last();
  });
}

bool has_prefix(const model::Network& network, net::Family family) {
  return std::ranges::any_of(network.prefixes, [&](const auto& prefix) { return prefix->family() == family; });
}

void resolve_hosts(const model::Policy& model, const Names& names, ActiveObjects& active, diag::Sink& sink) {
  active.hosts.resize(model.hosts.size());
  for (std::size_t i = 0; i < model.hosts.size(); ++i) {
    const model::Host& host = model.hosts[i];
    const auto network = names.networks.find(host.network + "." + host.zone);
    if (!network) continue;
    const auto follows = [&](const auto& address) {
      return std::ranges::any_of(host.suffixes, [&](const auto& suffix) { return suffix.span == address.span; });
    };
    for (const auto& address : host.addresses) {
      // What it has by the prefix of the moment is where that is.
      if (follows(address)) continue;
      if (is_host_address(*address, model.networks[*network].prefixes)) continue;
      // Where it belongs is not known at the moment.
      if (model.networks[*network].dynamic(address->family) && !has_prefix(model.networks[*network], address->family))
        continue;
      sink.warning("host-outside-network", address.span,
                   fmt::format("{} is no host address of network {}", address->to_string(),
                               quoted(model.networks[*network].full_name())))
          .notes.push_back({model.networks[*network].name.span, "the network"});
    }
    active.hosts[i] = host.active && active.networks[*network].has_value();
    if (host.active && host.addresses.empty() && !host.suffixes.empty())
      sink.warning(
          "host-without-prefix", host.suffixes.front().span,
          fmt::format("no device of network {} has an IPv6 prefix now: rules with host {} match nothing until one "
                      "has",
                      quoted(model.networks[*network].full_name()), quoted(host.full_name())));
    else if (host.active && host.addresses.empty() && !host.dns_names.empty())
      sink.warning("host-without-answer", host.dns_names.front().span,
                   fmt::format("no address of {} is known: rules with host {} match nothing until DNS tells one",
                               quoted(host.dns_names.front()->name), quoted(host.full_name())));
    else if (host.active && host.addresses.empty())
      sink.warning("host-without-address", host.name.span,
                   fmt::format("host {} has no address: rules with it match nothing", quoted(host.full_name())));
  }
}

void resolve_groups(const model::Policy& model, const Names& names, ActiveObjects& active, diag::Sink& sink) {
  active.groups.resize(model.groups.size());
  for (std::size_t i = 0; i < model.groups.size(); ++i) {
    const model::Group& group = model.groups[i];
    const std::string parent = "." + group.network + "." + group.zone;
    bool has_member = false;
    for (const auto& member : group.members) {
      if (const auto host = names.hosts.find(*member + parent)) {
        has_member = has_member || active.hosts[*host];
        continue;
      }
      if (names.groups.find(*member + parent)) {
        sink.error("group-in-group", member.span,
                   fmt::format("{} is a group: a group has hosts as members", quoted(*member)));
        continue;
      }
      NameIndex near;
      for (const model::Host& host : model.hosts)
        if (host.network == group.network && host.zone == group.zone) near.add(*host.name, 0);
      sink.error("unknown-member", member.span,
                 fmt::format("network '{}.{}' has no host {}", group.network, group.zone, quoted(*member)))
          .suggestion = near.nearest(*member);
    }
    const auto network = names.networks.find(group.network + "." + group.zone);
    active.groups[i] = group.active && network && active.networks[*network] && has_member;
    if (group.active && group.members.empty())
      sink.warning("empty-group", group.name.span,
                   fmt::format("group {} has no members: rules with it are left out", quoted(group.full_name())));
  }
}

void append_prefixes(const model::Host& host, std::vector<net::Prefix>& prefixes) {
  for (const auto& address : host.addresses) prefixes.push_back(net::Prefix::host(*address));
}

}  // namespace

bool Interface::has(net::Family family) const {
  return is_dynamic(family) ||
         std::ranges::any_of(addresses, [&](const net::Address& address) { return address.family == family; });
}

ActiveObjects resolve_objects(const model::Policy& model, const Names& names, Policy& policy, diag::Sink& sink) {
  ActiveObjects active;
  active.interfaces = resolve_interfaces(model, policy, sink);
  resolve_networks(model, names, policy, active, sink);
  resolve_hosts(model, names, active, sink);
  resolve_groups(model, names, active, sink);
  return active;
}

std::vector<net::Prefix> prefixes_of(const model::Network& network) {
  std::vector<net::Prefix> prefixes;
  for (const auto& prefix : network.prefixes)
    if (std::ranges::find(prefixes, *prefix) == prefixes.end()) prefixes.push_back(*prefix);
  return prefixes;
}

std::vector<net::Prefix> resolve_blocklist(const model::Policy& model, const Names& names, const ActiveObjects& active,
                                           diag::Sink& sink) {
  std::vector<net::Prefix> prefixes;
  for (const model::BlockEntry& entry : model.blocklist) {
    if (!entry.active) continue;
    if (entry.prefix) {
      if (entry.prefix->is_any())
        sink.error("blocks-everything", entry.text.span,
                   fmt::format("{} is every address: blocking it would lock everyone out", quoted(*entry.text)));
      prefixes.push_back(entry.prefix->network());
    } else if (const auto host = names.hosts.find(*entry.text)) {
      // A host's own switch and its parents' count here as everywhere: what is inactive is left out.
      if (active.hosts[*host]) append_prefixes(model.hosts[*host], prefixes);
    } else if (const auto group = names.groups.find(*entry.text)) {
      const model::Group& written = model.groups[*group];
      if (!active.groups[*group]) continue;
      for (const auto& member : written.members) {
        const auto found = names.hosts.find(*member + "." + written.network + "." + written.zone);
        if (found && active.hosts[*found]) append_prefixes(model.hosts[*found], prefixes);
      }
    } else {
      auto& problem = sink.error("unknown-block", entry.text.span,
                                 fmt::format("{} is neither an address nor a host or group", quoted(*entry.text)));
      problem.suggestion = names.hosts.nearest(*entry.text);
      if (!problem.suggestion) problem.suggestion = names.groups.nearest(*entry.text);
    }
  }
  std::ranges::sort(prefixes);
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  return prefixes;
}

std::vector<Bait> resolve_baits(const model::Policy& model, const Names& names, const ActiveObjects& active,
                                diag::Sink& sink) {
  std::vector<Bait> baits;
  for (const auto& written : model.settings.baits) {
    Bait bait{.name = to_string(*written), .ipv4 = {}, .ipv6 = {}, .port = written->port};
    if (std::ranges::find(baits, bait.name, &Bait::name) != baits.end()) continue;
    const auto host = names.hosts.find(written->host);
    if (!host) {
      sink.error("unknown-bait", written.span, fmt::format("no host is named {}", quoted(written->host))).suggestion =
          names.hosts.nearest(written->host);
      continue;
    }
    // What is inactive is left out, here as everywhere.
    if (!active.hosts[*host]) continue;
    for (const auto& address : model.hosts[*host].addresses) {
      auto& place = address->family == net::Family::Ipv4 ? bait.ipv4 : bait.ipv6;
      if (!place) place = *address;
    }
    baits.push_back(std::move(bait));
  }
  return baits;
}

}  // namespace vuurmuur::sema
