// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/named_prefixes.h"

#include <fmt/format.h>

#include <optional>

#include "base/nearest.h"
#include "sema/objects.h"

namespace vuurmuur::control {
namespace {

void add_host(const model::Host& host, std::vector<net::Prefix>& to) {
  for (const auto& address : host.addresses) to.push_back(net::Prefix::host(address.value));
}

/// The addresses behind a full name; nothing when there is no such object.
std::optional<std::vector<net::Prefix>> prefixes_of(const model::Policy& policy, std::string_view name) {
  std::vector<net::Prefix> found;
  for (const model::Host& host : policy.hosts)
    if (host.full_name() == name) {
      add_host(host, found);
      return found;
    }
  for (const model::Group& group : policy.groups) {
    if (group.full_name() != name) continue;
    for (const auto& member : group.members)
      for (const model::Host& host : policy.hosts)
        if (host.name.value == member.value && host.network == group.network && host.zone == group.zone)
          add_host(host, found);
    return found;
  }
  for (const model::Network& network : policy.networks) {
    if (network.full_name() != name) continue;
    for (const auto& prefix : network.prefixes) found.push_back(prefix.value.network());
    return found;
  }
  return std::nullopt;
}

/// "; did you mean 'mail.lan.local'?", or nothing.
std::string near_miss(const model::Policy& policy, std::string_view word) {
  std::vector<std::string> names;
  for (const auto& host : policy.hosts) names.push_back(host.full_name());
  for (const auto& group : policy.groups) names.push_back(group.full_name());
  for (const auto& network : policy.networks) names.push_back(network.full_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto near = base::nearest(word, candidates);
  return near ? fmt::format("; did you mean '{}'?", *near) : std::string();
}

}  // namespace

std::expected<std::vector<net::Prefix>, std::string> prefixes_named(const model::Policy& policy, std::string_view word,
                                                                    const std::string& directory) {
  if (const auto prefix = net::Prefix::parse(word)) return std::vector{prefix->network()};
  auto named = prefixes_of(policy, word);
  if (!named)
    return std::unexpected(fmt::format("'{}' is neither an address nor a network nor a host, group or network of {}{}",
                                       word, directory, near_miss(policy, word)));
  if (named->empty()) return std::unexpected(fmt::format("'{}' has no addresses", word));
  return std::move(*named);
}

std::expected<sema::Bait, std::string> bait_named(const model::Policy& policy, std::string_view word,
                                                  const std::string& directory) {
  diag::Sink sink;
  sema::Policy resolved;
  const sema::Names names = sema::index_names(policy, sink);
  const sema::ActiveObjects active = sema::resolve_objects(policy, names, resolved, sink);
  const std::vector<sema::Bait> baits = sema::resolve_baits(policy, names, active, sink);
  const sema::Bait* found = nullptr;
  std::vector<std::string_view> candidates;
  for (const sema::Bait& bait : baits) {
    if (bait.name == word) return bait;
    candidates.push_back(bait.name);
    if (std::string_view(bait.name).substr(0, bait.name.find(':')) != word) continue;
    if (found != nullptr)
      return std::unexpected(fmt::format("BAIT of {} has '{}' at several ports: say which", directory, word));
    found = &bait;
  }
  if (found != nullptr) return *found;
  if (baits.empty())
    return std::unexpected(fmt::format("config.conf of {} names no bait: BAIT=\"HOST.NETWORK.ZONE\" does", directory));
  const auto near = base::nearest(word, candidates);
  return std::unexpected(fmt::format("'{}' is none of the baits that BAIT of {} names{}", word, directory,
                                     near ? fmt::format("; did you mean '{}'?", *near) : std::string()));
}

}  // namespace vuurmuur::control
