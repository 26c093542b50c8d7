// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/block_targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/policy.h"
#include "config/tree.h"
#include "control/surroundings.h"

namespace vuurmuur::cli {
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
    for (const auto& prefix : network.prefixes) found.push_back(prefix.value);
    return found;
  }
  return std::nullopt;
}

std::vector<std::string> names_in(const model::Policy& policy) {
  std::vector<std::string> names;
  for (const auto& host : policy.hosts) names.push_back(host.full_name());
  for (const auto& group : policy.groups) names.push_back(group.full_name());
  for (const auto& network : policy.networks) names.push_back(network.full_name());
  return names;
}

}  // namespace

std::expected<std::vector<net::Prefix>, std::string> prefixes_named(Context& context, const Arguments& arguments,
                                                                    std::span<const std::string> words,
                                                                    const std::string& configuration) {
  std::vector<net::Prefix> prefixes;
  std::optional<config::Tree> tree;
  for (const std::string& word : words) {
    if (const auto prefix = net::Prefix::parse(word)) {
      prefixes.push_back(prefix->network());
      continue;
    }
    const std::string directory = arguments.value(kConfigOption.name).value_or(configuration);
    // What else may be wrong with it is no matter here.
    diag::Sink sink;
    if (!tree) {
      tree = config::read_tree(context.files, directory, sink);
      tree->policy =
          control::in_surroundings(tree->policy, control::look_around(known_names(context, arguments)(tree->policy)));
    }
    const auto named = prefixes_of(tree->policy, word);
    if (!named) {
      const std::vector<std::string> names = names_in(tree->policy);
      const std::vector<std::string_view> candidates(names.begin(), names.end());
      return std::unexpected(
          fmt::format("'{}' is neither an address nor a network nor a host, group or network of {}{}", word, directory,
                      did_you_mean(word, candidates)));
    }
    if (named->empty()) return std::unexpected(fmt::format("'{}' has no addresses", word));
    for (const net::Prefix& prefix : *named) prefixes.push_back(prefix.network());
  }
  std::ranges::sort(prefixes);
  prefixes.erase(std::ranges::unique(prefixes).begin(), prefixes.end());
  return prefixes;
}

std::expected<std::vector<net::Prefix>, std::string> block_targets(Context& context, const Arguments& arguments,
                                                                   const std::string& configuration) {
  if (arguments.positional().empty()) return std::unexpected("an address, a network or a name is missing");
  auto targets = prefixes_named(context, arguments, arguments.positional(), configuration);
  if (!targets) return targets;
  for (const net::Prefix& target : *targets)
    if (target.is_any())
      return std::unexpected(
          fmt::format("'{}' is everybody: that would block this machine from all others", target.to_string()));
  return targets;
}

}  // namespace vuurmuur::cli
