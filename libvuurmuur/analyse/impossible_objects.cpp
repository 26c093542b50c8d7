// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/impossible_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sema/names.h"
#include "sema/spoof.h"

namespace vuurmuur::analyse {
namespace {

using sema::quoted;

/// So many networks are shown with one finding.
constexpr std::size_t kMostNotes = 3;

bool is_link_local(const net::Address& address) {
  return address.family == net::Family::Ipv6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

/// Networks by their prefixes.
class PrefixPlaces {
 public:
  explicit PrefixPlaces(const sema::Policy& policy) {
    for (std::size_t i = 0; i < policy.networks.size(); ++i)
      for (const net::Prefix& prefix : policy.networks[i].prefixes) {
        places_[prefix.network()].push_back(i);
        lengths_[static_cast<std::size_t>(prefix.family())].insert(prefix.length);
      }
  }

  struct Found {
    std::size_t network;
    net::Prefix prefix;
  };
  /// Networks whose prefixes of the greatest length hold an address.
  [[nodiscard]] std::vector<Found> closest(const net::Address& address) const {
    std::vector<Found> all;
    const auto& lengths = lengths_[static_cast<std::size_t>(address.family)];
    for (auto length = lengths.rbegin(); length != lengths.rend() && all.empty(); ++length)
      if (const auto found = places_.find(net::Prefix{address, *length}.network()); found != places_.end())
        for (const std::size_t network : found->second) all.push_back({network, found->first});
    return all;
  }

 private:
  std::map<net::Prefix, std::vector<std::size_t>> places_;
  std::array<std::set<std::uint8_t>, 2> lengths_;
};

class ObjectCheck {
 public:
  ObjectCheck(const model::Policy& model, const sema::Policy& policy, diag::Sink& sink)
      : model_(model), policy_(policy), sink_(sink), places_(policy) {
    for (std::size_t i = 0; i < policy.networks.size(); ++i) networks_.emplace(policy.networks[i].name, i);
    for (const sema::Interface& interface : policy.interfaces)
      for (const net::Address& address : interface.addresses) own_.emplace(address, &interface);
  }

  void run() {
    for (const model::Interface& interface : model_.interfaces) check(interface);
    for (const model::Network& network : model_.networks) check(network);
    for (const model::Host& host : model_.hosts) check(host);
  }

 private:
  void check(const model::Interface& written) {
    if (!written.active) return;
    std::vector<const sema::Network*> behind;
    for (const sema::Network& network : policy_.networks)
      if (std::ranges::any_of(network.interfaces,
                              [&](sema::InterfaceId id) { return policy_.interface(id).name == *written.name; }))
        behind.push_back(&network);
    for (const auto& address : written.addresses) {
      if (is_link_local(*address)) continue;
      bool has_prefix = false, is_inside = false;
      for (const sema::Network* network : behind)
        for (const net::Prefix& prefix : network->prefixes) {
          has_prefix = has_prefix || prefix.family() == address->family;
          is_inside = is_inside || (prefix.family() == address->family && prefix.contains(*address));
        }
      if (!has_prefix || is_inside || has_dynamic_network(*written.name, address->family)) continue;
      diag::Diagnostic& told =
          sink_.warning("interface-outside-network", address.span,
                        behind.size() == 1
                            ? fmt::format("interface {} has the address {}, which is not in network {} behind it",
                                          quoted(*written.name), address->to_string(), quoted(behind.front()->name))
                            : fmt::format("interface {} has the address {}, which is in none of the networks behind it",
                                          quoted(*written.name), address->to_string()));
      note_networks(told, behind, address->family);
    }
  }

  /// Says where the prefixes of networks are written.
  void note_networks(diag::Diagnostic& told, const std::vector<const sema::Network*>& networks,
                     net::Family family) const {
    std::size_t count = 0;
    for (const model::Network& written : model_.networks) {
      const sema::Network* network = written.active ? active(written.full_name()) : nullptr;
      if (network == nullptr || std::ranges::find(networks, network) == networks.end()) continue;
      for (const auto& prefix : written.prefixes)
        if (prefix->family() == family && ++count <= kMostNotes)
          told.notes.push_back({prefix.span, "network " + quoted(network->name)});
    }
    if (count > kMostNotes) told.notes.push_back({std::nullopt, fmt::format("and {} more", count - kMostNotes)});
  }

  /// Whether a network behind an interface has prefixes that only the moment tells.
  [[nodiscard]] bool has_dynamic_network(const std::string& interface, net::Family family) const {
    return std::ranges::any_of(model_.networks, [&](const model::Network& network) {
      return network.active && network.dynamic(family) &&
             std::ranges::any_of(network.interfaces, [&](const auto& name) { return *name == interface; });
    });
  }

  void check(const model::Network& written) {
    const sema::Network* network = active(written.full_name());
    if (network == nullptr) return;
    for (const auto& prefix : written.prefixes)
      for (const auto& spoof : written.spoof_protections)
        if (holds(*spoof, *prefix)) {
          sink_
              .warning("network-protected-from-itself", spoof.span,
                       fmt::format("network {} is {}, which its own protection against spoofing from '{}' drops",
                                   quoted(network->name), prefix->to_string(), sema::spoof_word(*spoof)))
              .notes.push_back({prefix.span, "its addresses"});
          break;
        }
  }

  void check(const model::Host& host) {
    const sema::Network* network = host.active ? active(host.network + "." + host.zone) : nullptr;
    if (network == nullptr) return;
    for (const auto& address : host.addresses) {
      if (const auto own = own_.find(*address); own != own_.end()) {
        sink_.warning(
            "host-is-firewall", address.span,
            fmt::format("host {} has {}, the address of this machine's interface {}: rules name it 'firewall'",
                        quoted(host.full_name()), address->to_string(), quoted(own->second->name)));
        continue;
      }
      check_place(host, *network, address);
      for (const model::Spoof spoof : network->spoof_protections)
        if (holds(spoof, net::Prefix::host(*address)) && !is_network_told(*network, spoof, *address)) {
          sink_.warning(
              "network-protected-from-itself", address.span,
              fmt::format("host {} has {}, which the protection of network {} against spoofing from '{}' drops",
                          quoted(host.full_name()), address->to_string(), quoted(network->name),
                          sema::spoof_word(spoof)));
          break;
        }
    }
  }

  /// By what a packet to or from an address of a host goes.
  void check_place(const model::Host& host, const sema::Network& network, const model::Located<net::Address>& address) {
    const auto closest = places_.closest(*address);
    if (closest.empty()) return;
    const auto is_shared = [&](const PrefixPlaces::Found& found) {
      const sema::Network& other = policy_.networks[found.network];
      return &other == &network || std::ranges::any_of(other.interfaces, [&](sema::InterfaceId id) {
        return std::ranges::find(network.interfaces, id) != network.interfaces.end();
      });
    };
    if (std::ranges::any_of(closest, is_shared)) return;
    // Outside its own network: sema has told it.
    const bool is_inside = std::ranges::any_of(network.prefixes, [&](const net::Prefix& prefix) {
      return prefix.family() == address->family && prefix.contains(*address);
    });
    if (!is_inside) return;
    const sema::Network& other = policy_.networks[closest.front().network];
    sink_
        .warning("host-elsewhere", address.span,
                 fmt::format("host {} has {}, which is in {} of network {}, behind another interface",
                             quoted(host.full_name()), address->to_string(), closest.front().prefix.to_string(),
                             quoted(other.name)))
        .notes.push_back({other.span, "the network"});
  }

  /// Whether a kind of spoofing is all of a prefix.
  [[nodiscard]] static bool holds(model::Spoof spoof, const net::Prefix& prefix) {
    return std::ranges::any_of(sema::spoof_ranges(spoof, prefix.family()),
                               [&](const sema::SpoofRange& range) { return range.prefix.contains(prefix); });
  }

  /// Whether it was told of a prefix of the network that the address is in.
  [[nodiscard]] static bool is_network_told(const sema::Network& network, model::Spoof spoof,
                                            const net::Address& address) {
    return std::ranges::any_of(network.prefixes, [&](const net::Prefix& prefix) {
      return prefix.family() == address.family && prefix.contains(address) && holds(spoof, prefix);
    });
  }

  [[nodiscard]] const sema::Network* active(const std::string& name) const {
    const auto found = networks_.find(name);
    return found == networks_.end() ? nullptr : &policy_.networks[found->second];
  }

  const model::Policy& model_;
  const sema::Policy& policy_;
  diag::Sink& sink_;
  PrefixPlaces places_;
  std::unordered_map<std::string, std::size_t> networks_;
  std::map<net::Address, const sema::Interface*> own_;
};

}  // namespace

void check_impossible_objects(const model::Policy& model, const sema::Policy& policy, diag::Sink& sink) {
  ObjectCheck(model, policy, sink).run();
}

}  // namespace vuurmuur::analyse
