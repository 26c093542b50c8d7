// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "control/known_names.h"
#include "model/policy.h"
#include "net/address.h"

namespace vuurmuur::control {

/// What the machine has at the moment that a policy may speak of.
struct Surroundings {
  /// By device: the addresses with their prefixes, without link-local ones and those that are deprecated (RFC
  /// 4862 5.5.4).
  std::map<std::string, std::vector<net::Prefix>> devices;
  /// What DNS said last.
  KnownNames names{};
};

/// Devices and addresses as they are now, none when the kernel does not tell; and what is known of names.
[[nodiscard]] Surroundings look_around(KnownNames names);

/// Whether a policy means something else in other surroundings.
[[nodiscard]] bool has_followers(const model::Policy& policy);

/// Something of a policy that is another in other surroundings.
template <class Object>
struct Follower {
  std::size_t place = 0;  ///< in the list of the policy
  Object object;          ///< as it is there
};

struct Followers {
  std::vector<Follower<model::Network>> networks;
  std::vector<Follower<model::Host>> hosts;
};

/// Those of the networks and hosts of a policy that follow: networks that are dynamic have the prefixes of their devices, hosts
/// that are written by their host part (IPV6ADDRESS="::25/suffix") have an address in each IPv6 prefix of the devices behind
/// their network, and hosts that are written by name those that DNS told.
[[nodiscard]] Followers followers_in(const model::Policy& policy, const Surroundings& around);

/// A policy with them.
[[nodiscard]] model::Policy in_surroundings(const model::Policy& policy, const Surroundings& around);

/// What of the surroundings matters to a policy, as a text that is another one when that changes: prefixes of dynamic networks, addresses of hosts
/// that follow a prefix or have a name, and which of the devices are there whose settings the policy makes.
[[nodiscard]] std::string what_matters(const model::Policy& policy, const Surroundings& around);

}  // namespace vuurmuur::control
