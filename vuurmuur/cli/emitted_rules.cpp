// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/emitted_rules.h"

#include <algorithm>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "compile/compile.h"

namespace vuurmuur::cli {
namespace {

std::vector<net::Address> addresses_of(const sema::Policy& policy, const std::string& device) {
  std::vector<net::Address> addresses;
  for (const sema::Interface& interface : policy.interfaces)
    if (interface.device == device)
      addresses.insert(addresses.end(), interface.addresses.begin(), interface.addresses.end());
  return addresses;
}

/// By the smallest network that has the address; empty: an own address, or of no network.
std::string device_towards(const sema::Policy& policy, const net::Address& address) {
  for (const sema::Interface& interface : policy.interfaces)
    if (std::ranges::find(interface.addresses, address) != interface.addresses.end()) return "";
  std::string device;
  int length = -1;
  for (const sema::Network& network : policy.networks)
    for (const net::Prefix& prefix : network.prefixes)
      if (prefix.family() == address.family && prefix.contains(address) && prefix.length > length &&
          !network.interfaces.empty()) {
        length = prefix.length;
        device = policy.interface(network.interfaces.front()).device;
      }
  return device;
}

saved::Way way_of(analyse::Sample::Way way) {
  switch (way) {
    case analyse::Sample::Way::Input: return saved::Way::In;
    case analyse::Sample::Way::Forward: return saved::Way::Through;
    case analyse::Sample::Way::Output: break;
  }
  return saved::Way::Out;
}

}  // namespace

EmittedRules::EmittedRules(const sema::Policy& policy) {
  const compile::Output output = compile::compile(policy, {});
  for (const net::Family family : net::kFamilies) {
    auto& part = parts_[static_cast<std::size_t>(family)] = std::make_unique<Part>();
    const std::array families{family};
    part->rules.read(family == net::Family::Ipv4 ? "IPv4" : "IPv6", backend::iptables_save(output.ruleset, family),
                     "sets", backend::ipset_save(output.ruleset, families));
    part->walker.emplace(
        part->rules.ruleset, family, part->rules.sink,
        saved::Walker::Options{
            .sets = &part->rules.sets,
            .route = [&policy](const net::Address& to) { return device_towards(policy, to); },
            .addresses = [&policy](const std::string& device) { return addresses_of(policy, device); }});
  }
}

saved::Answer EmittedRules::walk(const analyse::Sample& sample) const {
  return part(sample.family)
      .walker->walk({.way = way_of(sample.way),
                     .in = sample.in,
                     .out = sample.out,
                     .source = sample.source,
                     .destination = sample.destination,
                     .protocol = static_cast<std::uint8_t>(sample.protocol),
                     .source_port = sample.source_port,
                     .destination_port = sample.destination_port,
                     .icmp_type = sample.icmp_type,
                     .icmp_code = sample.icmp_code,
                     .source_mac = sample.source_mac});
}

}  // namespace vuurmuur::cli
