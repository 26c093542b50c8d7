// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "control/named_connection.h"
#include "sema/policy.h"
#include "volumes/accumulator.h"

namespace vuurmuur::control {

/// What hosts sent and received by connections that have ended, gathered until somebody takes it. A host is called as the policy
/// calls it; one that it has no name for by its address, but those of a network that is everywhere (0.0.0.0/0, ::/0) all together by
/// that network's name, for there is no end of them.
class HostVolumes {
 public:
  /// Names that are gathered. What comes then counts for its network.
  static constexpr std::size_t kMost = 20'000;

  /// The policy in force from now on; null: none.
  void follow(const sema::Policy* policy);
  /// A connection that has ended.
  void add(const NamedConnection& named);

  /// All that was gathered since the last time, as readings of counters that begin at zero each time: first what a host
  /// sent, second what it received.
  [[nodiscard]] std::vector<volumes::Reading> take();

 private:
  [[nodiscard]] volumes::Pair& of(const filter::End& end);

  std::set<std::string, std::less<>> everywhere_;  ///< names of networks
  std::map<std::string, volumes::Pair, std::less<>> hosts_;
};

}  // namespace vuurmuur::control
