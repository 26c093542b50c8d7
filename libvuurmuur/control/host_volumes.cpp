// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/host_volumes.h"

#include <algorithm>
#include <utility>

namespace vuurmuur::control {
namespace {

/// Of no network of the policy.
constexpr std::string_view kElsewhere = "elsewhere";

volumes::Counts counts_of(const apply::Traffic& way) { return {.packets = way.packets, .bytes = way.bytes}; }

}  // namespace

void HostVolumes::follow(const sema::Policy* policy) {
  everywhere_.clear();
  if (policy == nullptr) return;
  for (const sema::Network& network : policy->networks)
    if (std::ranges::any_of(network.prefixes, &net::Prefix::is_any)) everywhere_.insert(network.name);
}

volumes::Pair& HostVolumes::of(const filter::End& end) {
  const std::string_view network = end.network.empty() ? kElsewhere : end.network;
  const bool is_many = end.network.empty() || everywhere_.contains(end.network);
  std::string name = !end.name.empty() ? std::string(end.name) : is_many ? std::string(network) : end.address.to_string();
  auto place = hosts_.find(name);
  if (place == hosts_.end() && hosts_.size() >= kMost) name = network;
  if (place == hosts_.end()) place = hosts_.try_emplace(std::move(name)).first;
  return place->second;
}

void HostVolumes::add(const NamedConnection& named) {
  const volumes::Counts there = counts_of(named.tracked->to), back = counts_of(named.tracked->back);
  volumes::Pair& source = of(named.source());
  source.first += there;
  source.second += back;
  volumes::Pair& destination = of(named.destination());
  destination.first += back;
  destination.second += there;
}

std::vector<volumes::Reading> HostVolumes::take() {
  std::vector<volumes::Reading> readings;
  readings.reserve(hosts_.size());
  for (const auto& [name, counts] : std::exchange(hosts_, {}))
    readings.push_back({.subject = {.kind = volumes::Kind::Host, .name = name}, .counts = counts, .also = {}});
  return readings;
}

}  // namespace vuurmuur::control
