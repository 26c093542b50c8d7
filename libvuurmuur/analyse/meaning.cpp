// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/meaning.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <string>
#include <tuple>

namespace vuurmuur::analyse {
namespace {

using sema::End;

/// Gives things numbers, the same one to those that are alike.
template <class Thing>
class Numbering {
 public:
  std::uint32_t number_of(Thing thing) {
    return numbers_.try_emplace(std::move(thing), static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

 private:
  std::map<Thing, std::uint32_t> numbers_;
};

/// What of an interface matters to rules.
auto contents_of(const sema::Interface& interface) {
  return std::tuple(interface.device, interface.dynamic_ipv4, interface.dynamic_ipv6, interface.addresses);
}

bool has_each_interface(const End& end) { return end.kind != End::Kind::Peers && end.kind != End::Kind::Broadcast; }

/// What rules do beside matching; of options those that say so.
bool do_alike(const model::Options& a, const model::Options& b) {
  return a.log == b.log && a.log_limit == b.log_limit && a.log_prefix == b.log_prefix && a.limit == b.limit &&
         a.burst == b.burst && a.listen_ports == b.listen_ports && a.remote_ports == b.remote_ports &&
         a.redirect_port == b.redirect_port && a.reject_type == b.reject_type && a.nfmark == b.nfmark &&
         a.chain == b.chain && a.queue == b.queue && a.queue_bypass == b.queue_bypass &&
         a.queue_fanout == b.queue_fanout && a.queue_release == b.queue_release &&
         a.queue_drop_urgent == b.queue_drop_urgent && a.log_group == b.log_group && a.random == b.random;
}

std::uint64_t with(std::uint64_t hash, const net::Prefix& prefix) {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(prefix.address.bytes);
  hash = mixed(hash, halves[0] ^ prefix.length);
  return halves[1] == 0 ? hash : mixed(hash, halves[1]);
}

std::uint64_t with(std::uint64_t hash, const std::optional<model::Located<std::string>>& text) {
  return text ? mixed(hash, std::hash<std::string>{}(**text)) : hash;
}

std::uint64_t with(std::uint64_t hash, const std::optional<model::Located<std::vector<net::PortRange>>>& ports) {
  if (ports)
    for (const net::PortRange& range : **ports) hash = mixed(hash, std::uint64_t{range.first} << 16 | range.last);
  return hash;
}

std::uint64_t with(std::uint64_t hash, const model::Options& options) {
  hash = mixed(hash, (options.log ? 1u : 0u) | (options.limit ? options.limit->value.count + 1u : 0u) << 1);
  if (options.redirect_port) hash = mixed(hash, **options.redirect_port);
  if (options.reject_type) hash = mixed(hash, static_cast<std::uint64_t>(**options.reject_type) + 1);
  if (options.nfmark) hash = mixed(hash, options.nfmark->value.value);
  if (options.queue) hash = mixed(hash, std::uint64_t{options.queue->value.first} << 16 | options.queue->value.last);
  hash = with(hash, options.listen_ports);
  hash = with(hash, options.remote_ports);
  hash = with(hash, options.chain);
  return with(hash, options.log_prefix);
}

}  // namespace

Meanings::Meanings(const sema::Policy& first, const sema::Policy& second) {
  Numbering<decltype(contents_of(first.interfaces[0]))> interfaces;
  Numbering<std::tuple<std::vector<std::uint32_t>, std::vector<net::Prefix>>> networks;
  for (const std::size_t which : {kFirst, kSecond}) {
    const sema::Policy& policy = which == kFirst ? first : second;
    std::vector<std::uint32_t>& numbers = interfaces_[which];
    for (const sema::Interface& interface : policy.interfaces)
      numbers.push_back(interfaces.number_of(contents_of(interface)));
    for (const sema::Network& network : policy.networks) {
      std::vector<std::uint32_t> own;
      for (const sema::InterfaceId id : network.interfaces) own.push_back(numbers[static_cast<std::size_t>(id)]);
      networks_[which].push_back(networks.number_of({std::move(own), network.prefixes}));
    }
  }
}

bool Meanings::are_same(const std::optional<sema::InterfaceId>& first,
                        const std::optional<sema::InterfaceId>& second) const {
  if (!first || !second) return first.has_value() == second.has_value();
  return interfaces_[kFirst][static_cast<std::size_t>(*first)] ==
         interfaces_[kSecond][static_cast<std::size_t>(*second)];
}

bool Meanings::are_same(const End& first, const End& second) const {
  if (first.kind != second.kind || first.peers.size() != second.peers.size()) return false;
  if (has_each_interface(first) && interfaces_[kFirst] != interfaces_[kSecond]) return false;
  for (std::size_t i = 0; i < first.peers.size(); ++i) {
    const sema::Peer &a = first.peers[i], &b = second.peers[i];
    if (networks_[kFirst][static_cast<std::size_t>(a.network)] !=
            networks_[kSecond][static_cast<std::size_t>(b.network)] ||
        a.prefixes != b.prefixes || a.mac != b.mac)
      return false;
  }
  return true;
}

bool Meanings::are_same(const sema::Rule& first, const sema::Rule& second) const {
  return *first.source->action == *second.source->action && first.any_service == second.any_service &&
         first.broadcast_service == second.broadcast_service && first.never == second.never &&
         first.port_sets == second.port_sets && first.helper == second.helper &&
         are_same(first.in_interface, second.in_interface) && are_same(first.out_interface, second.out_interface) &&
         are_same(first.via_interface, second.via_interface) && are_same(first.from, second.from) &&
         are_same(first.to, second.to) && do_alike(first.source->options, second.source->options);
}

std::uint64_t Meanings::hash(std::size_t policy, const End& end, std::uint64_t hash) const {
  hash = mixed(hash, static_cast<std::uint64_t>(end.kind));
  for (const sema::Peer& peer : end.peers) {
    hash = mixed(hash, networks_[policy][static_cast<std::size_t>(peer.network)]);
    for (const net::Prefix& prefix : peer.prefixes) hash = with(hash, prefix);
  }
  return hash;
}

std::uint64_t Meanings::hash(std::size_t policy, const sema::Rule& rule) const {
  std::uint64_t hash = static_cast<std::uint64_t>(*rule.source->action) << 3 | (rule.any_service ? 1u : 0u) |
                       (rule.broadcast_service ? 2u : 0u) | (rule.never ? 4u : 0u);
  hash = this->hash(policy, rule.from, hash);
  hash = this->hash(policy, rule.to, hash);
  for (const model::PortSet& set : rule.port_sets) {
    hash = mixed(hash, std::uint64_t{set.destination.first} << 48 | std::uint64_t{set.destination.last} << 32 |
                           std::uint64_t{set.source.first} << 16 | set.source.last);
    hash =
        mixed(hash, static_cast<std::uint64_t>(set.protocol) << 18 | (set.icmp_type ? *set.icmp_type + 1u : 0u) << 9 |
                        (set.icmp_code ? *set.icmp_code + 1u : 0u));
  }
  for (const auto& id : {rule.in_interface, rule.out_interface, rule.via_interface})
    hash = mixed(hash, id ? interfaces_[policy][static_cast<std::size_t>(*id)] + 1u : 0u);
  return with(hash, rule.source->options);
}

}  // namespace vuurmuur::analyse
