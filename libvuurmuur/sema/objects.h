// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "diag/diagnostic.h"
#include "model/policy.h"
#include "sema/names.h"
#include "sema/policy.h"

namespace vuurmuur::sema {

/// Which objects of the model are in use, and as what: by their place in the lists of the model.
struct ActiveObjects {
  std::vector<std::optional<InterfaceId>> interfaces;
  std::vector<std::optional<NetworkId>> networks;
  /// Per zone: its active networks, in the order of the model.
  std::vector<std::vector<NetworkId>> zone_networks;
  std::vector<bool> hosts, groups;
};

/// What names of a model stand for. It does not depend on the addresses that networks and hosts have.
struct Objects {
  Names names;
  ActiveObjects active;
};

/// Fills in the interfaces and networks of a policy and tells which objects are active (each with its parents), and
/// reports what is wrong with objects: networks without interfaces, hosts outside their network, unknown members.
[[nodiscard]] ActiveObjects resolve_objects(const model::Policy& model, const Names& names, Policy& policy,
                                            diag::Sink& sink);

/// The prefixes that a network has, each once.
[[nodiscard]] std::vector<net::Prefix> prefixes_of(const model::Network& network);

/// The blocklist as prefixes.
[[nodiscard]] std::vector<net::Prefix> resolve_blocklist(const model::Policy& model, const Names& names,
                                                         const ActiveObjects& active, diag::Sink& sink);

/// The hosts that somebody can be led to, each once.
[[nodiscard]] std::vector<Bait> resolve_baits(const model::Policy& model, const Names& names,
                                              const ActiveObjects& active, diag::Sink& sink);

}  // namespace vuurmuur::sema
