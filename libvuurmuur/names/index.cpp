// SPDX-License-Identifier: GPL-2.0-or-later
#include "names/index.h"

#include <algorithm>
#include <unordered_map>

namespace vuurmuur::names {

/// Adds what wins first: tables keep what was there before.
class Index::Builder {
 public:
  Builder(const model::Policy& model, const sema::Policy& policy) : model_(model), policy_(policy) {}

  Index build(std::span<const OwnAddress> own) {
    add_own(own);
    add_networks();
    index_.networks4_.finish();
    index_.networks6_.finish();
    add_hosts();
    add_broadcasts();
    add_groups();
    add_services();
    index_.texts_.shrink_to_fit();
    return std::move(index_);
  }

 private:
  Text keep(std::string_view text) {
    const Text at{.begin = static_cast<std::uint32_t>(index_.texts_.size()),
                  .size = static_cast<std::uint32_t>(text.size())};
    index_.texts_ += text;
    return at;
  }

  void add(const net::Address& address, const Object& object) {
    const auto place = static_cast<Place>(index_.objects_.size());
    index_.objects_.push_back(object);
    if (address.family == net::Family::Ipv4)
      index_.objects4_.add(Bits32::of(address), place);
    else
      index_.objects6_.add(Bits128::of(address), place);
  }

  void add_own(std::span<const OwnAddress> own) {
    std::unordered_map<std::string, Text> names;
    const auto name_of = [&](const std::string& name) {
      const auto [found, is_new] = names.try_emplace(name);
      if (is_new) found->second = keep(std::string(kFirewall) + "(" + name + ")");
      return found->second;
    };
    for (const sema::Interface& interface : policy_.interfaces)
      for (const net::Address& address : interface.addresses) add(address, {.name = name_of(interface.name)});
    for (const OwnAddress& owned : own) add(owned.address, {.name = name_of(interface_of(owned.device))});
  }

  /// The interface that stands for a device alone, else one that stands for it among others.
  const std::string& interface_of(const std::string& device) const {
    const auto& interfaces = policy_.interfaces;
    if (const auto found = std::ranges::find(interfaces, device, &sema::Interface::device); found != interfaces.end())
      return found->name;
    for (const sema::Interface& interface : interfaces)
      if (interface.is_wildcard() && device.starts_with(interface.device.substr(0, interface.device.size() - 1)))
        return interface.name;
    return device;
  }

  void add_networks() {
    for (const sema::Network& network : policy_.networks) {
      const auto place = static_cast<Place>(index_.networks_.size());
      const Text name = keep(network.name);
      // Zones have no dot in their names: what is behind the last one is the zone.
      const auto dot = static_cast<std::uint32_t>(network.name.rfind('.'));
      index_.networks_.push_back({.name = name, .zone = {name.begin + dot + 1, name.size - dot - 1}});
      places_.emplace(network.name, place);
      for (const net::Prefix& prefix : network.prefixes) {
        if (prefix.family() == net::Family::Ipv4)
          index_.networks4_.add(Bits32::of(prefix.address), prefix.length, place);
        else
          index_.networks6_.add(Bits128::of(prefix.address), prefix.length, place);
      }
    }
  }

  /// The network that something is in; kNowhere when it is inactive.
  Place network_of(const std::string& network, const std::string& zone) const {
    const auto found = places_.find(network + "." + zone);
    return found == places_.end() ? kNowhere : found->second;
  }

  void add_hosts() {
    for (std::size_t i = 0; i < model_.hosts.size(); ++i) {
      const model::Host& host = model_.hosts[i];
      const Place network = host.active ? network_of(host.network, host.zone) : kNowhere;
      if (network == kNowhere) continue;
      const Object object{.name = keep(host.full_name()), .network = network, .host = static_cast<Place>(i)};
      for (const auto& address : host.addresses) add(*address, object);
    }
  }

  void add_broadcasts() {
    for (const sema::Network& network : policy_.networks)
      for (const net::Prefix& prefix : network.prefixes)
        // Prefixes of 31 and 32 bits have no broadcast address (RFC 3021), nor has 0.0.0.0/0, which is no network.
        if (prefix.family() == net::Family::Ipv4 && prefix.length < 31 && !prefix.is_any())
          add(prefix.last(), {.name = keep(network.name + "(broadcast)"), .network = places_.at(network.name)});
  }

  void add_groups() {
    std::unordered_map<std::string, Place> hosts;
    if (!model_.groups.empty())
      for (std::size_t i = 0; i < model_.hosts.size(); ++i)
        hosts.emplace(model_.hosts[i].full_name(), static_cast<Place>(i));
    for (const model::Group& group : model_.groups) {
      if (!group.active || network_of(group.network, group.zone) == kNowhere) continue;
      const Text name = keep(group.full_name());
      for (const auto& member : group.members)
        if (const auto host = hosts.find(*member + "." + group.network + "." + group.zone); host != hosts.end())
          index_.groups_.emplace_back(host->second, name);
    }
    std::ranges::stable_sort(index_.groups_, {}, &std::pair<Place, Text>::first);
  }

  void add_services() {
    std::vector<ServiceTable::Line> lines;
    for (const model::Service& service : model_.services) {
      if (!service.active) continue;
      const auto place = static_cast<Place>(index_.services_.size());
      index_.services_.push_back(keep(*service.name));
      for (const auto& ports : service.port_sets) lines.push_back({*ports, service.port_sets.size(), place});
    }
    index_.service_table_ = ServiceTable(std::move(lines));
  }

  const model::Policy& model_;
  const sema::Policy& policy_;
  std::unordered_map<std::string, Place> places_;  ///< of networks
  Index index_;
};

Index Index::build(const model::Policy& model, const sema::Policy& policy, std::span<const OwnAddress> own) {
  return Builder(model, policy).build(own);
}

const Index::Object* Index::object(const net::Address& address) const {
  const Place place =
      address.family == net::Family::Ipv4 ? objects4_.find(Bits32::of(address)) : objects6_.find(Bits128::of(address));
  return place == kNowhere ? nullptr : &objects_[place];
}

const Index::Network* Index::network_of(const net::Address& address, const Object* object) const {
  Place place = kNowhere;
  if (object != nullptr)
    place = object->network;
  else if (address.family == net::Family::Ipv4)
    place = networks4_.find(Bits32::of(address));
  else
    place = networks6_.find(Bits128::of(address));
  return place == kNowhere ? nullptr : &networks_[place];
}

std::optional<std::string_view> Index::address(const net::Address& address) const {
  const Object* const found = object(address);
  return found == nullptr ? std::nullopt : std::optional(text(found->name));
}

std::optional<std::string_view> Index::network(const net::Address& address) const {
  const Network* const found = network_of(address, object(address));
  return found == nullptr ? std::nullopt : std::optional(text(found->name));
}

std::optional<std::string_view> Index::zone(const net::Address& address) const {
  const Object* const known = object(address);
  if (known != nullptr && known->network == kNowhere) return kFirewall;
  const Network* const found = network_of(address, known);
  return found == nullptr ? std::nullopt : std::optional(text(found->zone));
}

std::vector<std::string_view> Index::groups(const net::Address& address) const {
  std::vector<std::string_view> names;
  const Object* const found = object(address);
  if (found == nullptr || found->host == kNowhere) return names;
  for (const auto& [host, group] : std::ranges::equal_range(groups_, found->host, {}, &std::pair<Place, Text>::first))
    names.push_back(text(group));
  return names;
}

std::optional<std::string_view> Index::service(net::Protocol protocol, std::uint16_t source,
                                               std::uint16_t destination) const {
  const Place place = service_table_.find(protocol, source, destination);
  return place == kNowhere ? std::nullopt : std::optional(text(services_[place]));
}

}  // namespace vuurmuur::names
