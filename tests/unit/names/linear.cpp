// SPDX-License-Identifier: GPL-2.0-or-later
// The index against the obvious reading: going through the whole policy for every question.
#include <cstdlib>
#include <random>

#include "diag/source.h"
#include "names/index.h"
#include "sema/resolve.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

using Name = std::optional<std::string>;

Name owned(const std::optional<std::string_view>& name) { return name ? Name(std::string(*name)) : std::nullopt; }

/// Goes through everything.
class Linear {
 public:
  Linear(const model::Policy& model, const sema::Policy& policy) : model_(model), policy_(policy) {}

  [[nodiscard]] Name address(const net::Address& address) const {
    for (const auto& interface : policy_.interfaces)
      for (const auto& own : interface.addresses)
        if (own == address) return "firewall(" + interface.name + ")";
    if (const model::Host* host = host_of(address)) return host->full_name();
    for (const auto& network : policy_.networks)
      for (const auto& prefix : network.prefixes)
        if (prefix.family() == net::Family::Ipv4 && prefix.length < 31 && prefix.length > 0 && prefix.last() == address)
          return network.name + "(broadcast)";
    return std::nullopt;
  }

  [[nodiscard]] Name network(const net::Address& address) const {
    const Name name = this->address(address);
    if (name && name->starts_with("firewall(")) return std::nullopt;
    if (const model::Host* host = host_of(address)) return host->network + "." + host->zone;
    if (name) return name->substr(0, name->find('('));
    const sema::Network* best = nullptr;
    unsigned longest = 0;
    for (const auto& network : policy_.networks)
      for (const auto& prefix : network.prefixes)
        if (prefix.contains(address) && (best == nullptr || prefix.length > longest)) {
          best = &network;
          longest = prefix.length;
        }
    return best == nullptr ? Name() : best->name;
  }

  [[nodiscard]] Name service(net::Protocol protocol, std::uint16_t source, std::uint16_t destination) const {
    const bool is_icmp = protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6;
    const model::Service* best = nullptr;
    std::tuple<unsigned, unsigned, std::size_t> least;
    for (const auto& service : model_.services)
      for (const auto& located : service.port_sets) {
        const model::PortSet& ports = *located;
        if (!service.active || ports.protocol != protocol) continue;
        std::tuple<unsigned, unsigned, std::size_t> rank{0, 0, service.port_sets.size()};
        if (net::has_ports(protocol)) {
          if (!ports.source.contains(source) || !ports.destination.contains(destination)) continue;
          std::get<0>(rank) = unsigned{ports.destination.last} - ports.destination.first;
          std::get<1>(rank) = unsigned{ports.source.last} - ports.source.first;
        } else if (is_icmp) {
          if (ports.icmp_type && *ports.icmp_type != source) continue;
          if (ports.icmp_type && ports.icmp_code && *ports.icmp_code != destination) continue;
          std::get<0>(rank) = ports.icmp_type ? 0 : 1;
          std::get<1>(rank) = ports.icmp_code ? 0 : 1;
        }
        if (best != nullptr && rank >= least) continue;
        best = &service;
        least = rank;
      }
    return best == nullptr ? Name() : *best->name;
  }

 private:
  [[nodiscard]] const model::Host* host_of(const net::Address& address) const {
    for (const model::Host& host : model_.hosts) {
      const bool is_in_use = host.active && std::ranges::any_of(policy_.networks, [&](const sema::Network& network) {
                               return network.name == host.network + "." + host.zone;
                             });
      if (!is_in_use) continue;
      for (const auto& own : host.addresses)
        if (*own == address) return &host;
    }
    return nullptr;
  }

  const model::Policy& model_;
  const sema::Policy& policy_;
};

/// Policies and questions in a small world, where everything overlaps.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  [[nodiscard]] unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }

  /// One of few hundred addresses, mostly with neighbours in the last bits.
  [[nodiscard]] net::Address address() {
    if (pick(2) == 0)
      return net::Address::ipv4(0x0a000000 + (pick(3) << 8) + (pick(4) << 6) + pick(8) * (pick(2) == 0 ? 1 : 31));
    net::Address address{.family = net::Family::Ipv6};
    address.bytes[0] = 0x20;
    address.bytes[7] = static_cast<std::uint8_t>(pick(3));
    address.bytes[8] = static_cast<std::uint8_t>(pick(2) * 0x80);
    address.bytes[15] = static_cast<std::uint8_t>(pick(8));
    return address;
  }

  [[nodiscard]] net::Prefix prefix() {
    const net::Address in = address();
    const unsigned bits = net::address_bits(in.family);
    const unsigned length = pick(4) == 0 ? pick(bits + 1) : bits - pick(bits == 32 ? 12 : 70);
    return net::Prefix{.address = in, .length = static_cast<std::uint8_t>(length)}.network();
  }

  [[nodiscard]] std::uint16_t port() {
    constexpr std::uint16_t kEdges[] = {0, 1, 2, 79, 80, 81, 1023, 1024, 65534, 65535};
    return kEdges[pick(10)];
  }
  [[nodiscard]] net::PortRange ports() {
    if (pick(3) == 0) return net::PortRange::any();
    const std::uint16_t a = port(), b = port();
    return {std::min(a, b), std::max(a, b)};
  }
  [[nodiscard]] net::Protocol protocol() {
    constexpr net::Protocol kAll[] = {net::Protocol::Tcp, net::Protocol::Udp, net::Protocol::Icmp,
                                      net::Protocol::Icmpv6, net::Protocol::Gre};
    return kAll[pick(5)];
  }

  [[nodiscard]] model::Policy policy() {
    model::Policy policy;
    for (unsigned i = 0; i < 3; ++i) {
      model::Interface& interface = policy.interfaces.emplace_back();
      interface.name = "if" + std::to_string(i);
      interface.device = "eth" + std::to_string(i);
      interface.addresses = {address(), address()};
      interface.active = pick(5) != 0;
    }
    for (unsigned i = 0; i < 2; ++i) policy.zones.emplace_back().name = "z" + std::to_string(i);
    for (unsigned i = 0, end = pick(8); i < end; ++i) {
      model::Network& network = policy.networks.emplace_back();
      network.name = "n" + std::to_string(i);
      network.zone = "z" + std::to_string(pick(2));
      network.active = pick(6) != 0;
      network.interfaces = {"if" + std::to_string(pick(3))};
      for (unsigned j = pick(4); j > 0; --j) network.prefixes.emplace_back(prefix());
      for (unsigned j = pick(6); j > 0; --j) {
        model::Host& host = policy.hosts.emplace_back();
        host.name = "h" + std::to_string(j);
        host.network = network.name.value;
        host.zone = network.zone;
        host.active = pick(6) != 0;
        for (unsigned k = pick(3); k > 0; --k) host.addresses.emplace_back(address());
      }
    }
    for (unsigned i = 0, end = pick(12); i < end; ++i) {
      model::Service& service = policy.services.emplace_back();
      service.name = "s" + std::to_string(i);
      service.active = pick(6) != 0;
      for (unsigned j = pick(4); j > 0; --j) {
        model::PortSet set{.protocol = protocol()};
        if (net::has_ports(set.protocol)) {
          set.source = ports();
          set.destination = ports();
        } else if (set.protocol != net::Protocol::Gre && pick(3) != 0) {
          set.icmp_type = static_cast<std::uint8_t>(pick(4));
          if (pick(2) == 0) set.icmp_code = static_cast<std::uint8_t>(pick(3));
        }
        service.port_sets.emplace_back(set);
      }
    }
    return policy;
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("an index says what going through the whole policy says") {
  const char* given = std::getenv("VUURMUUR_SEED");
  const unsigned seed = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  INFO("VUURMUUR_SEED=" << seed);
  World world(seed);
  for (int round = 0; round < 300; ++round) {
    const model::Policy model = world.policy();
    diag::Sink sink;
    const diag::SourceMap sources;
    const sema::Policy policy = sema::resolve(model, sources, sink);
    const names::Index index = names::Index::build(model, policy);
    const Linear linear(model, policy);
    for (int i = 0; i < 200; ++i) {
      const net::Address address = world.address();
      INFO("round " << round << ", address " << address.to_string());
      REQUIRE(owned(index.address(address)) == linear.address(address));
      const Name network = linear.network(address);
      REQUIRE(owned(index.network(address)) == network);
      const Name name = linear.address(address);
      const Name zone = name && name->starts_with("firewall(") ? Name("firewall")
                        : network                              ? Name(network->substr(network->rfind('.') + 1))
                                                               : std::nullopt;
      REQUIRE(owned(index.zone(address)) == zone);
      const net::Protocol protocol = world.protocol();
      const bool has_ports = net::has_ports(protocol);
      const auto source = has_ports ? world.port() : static_cast<std::uint16_t>(world.pick(4));
      const auto destination = has_ports ? world.port() : static_cast<std::uint16_t>(world.pick(4));
      INFO("protocol " << net::to_string(protocol) << " " << source << " > " << destination);
      REQUIRE(owned(index.service(protocol, source, destination)) == linear.service(protocol, source, destination));
    }
  }
}
