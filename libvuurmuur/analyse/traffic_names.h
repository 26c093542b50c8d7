// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include "analyse/diff.h"
#include "analyse/policy_boxes.h"
#include "model/policy.h"
#include "names/index.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// A policy as it was written and as it was resolved.
struct NamedPolicy {
  const model::Policy& model;
  const sema::Policy& policy;
};

/// A box in words, each for one of its parts; empty: any.
struct TrafficWords {
  std::string chain;                            ///< "input", "forward", "output"
  std::vector<std::string> in, out;             ///< devices; "others" are those that no interface has
  std::string source, destination;              ///< "10.1.0.0/24", "10.1.0.3", "10.1.0.3-10.1.0.9"
  std::string source_name, destination_name;    ///< of the host or network that this is or is in
  std::string protocol;                         ///< "tcp", "6", "0-5"
  std::string source_ports, destination_ports;  ///< "80", "80:90"; of ICMP type and code
  std::string service;                          ///< its name where it has one
  std::string mac;                              ///< of the source
  std::string own_address_of;  ///< device whose address, that it gets from others, this machine's end is
};

/// Says what the traffic of a difference is, with the names of the policy after and, where that has none, of the one
/// before. All must outlive it.
class TrafficNames {
 public:
  TrafficNames(const NamedPolicy& before, const NamedPolicy& after);

  [[nodiscard]] TrafficWords words(const Traffic& traffic) const;
  /// "forward, in lan0, out inet0, from 10.1.0.0/24 (local.lan) to any, http (tcp 80)".
  [[nodiscard]] std::string text(const Traffic& traffic) const;
  /// "tcp 10.1.0.3:40000 > 198.51.100.1:80, in lan0, out inet0".
  [[nodiscard]] std::string packet(const Witness& witness) const;

 private:
  [[nodiscard]] std::vector<std::string> devices(const Interval& interval, const PolicyBoxes& boxes) const;
  [[nodiscard]] std::string name_of(const Interval& interval, net::Family family) const;
  [[nodiscard]] const PolicyBoxes& boxes(net::Family family) const {
    return family == net::Family::Ipv4 ? ipv4_ : ipv6_;
  }

  PolicyBoxes ipv4_, ipv6_;
  std::array<names::Index, 2> index_;  ///< of the policy after, and of the one before
  std::map<net::Prefix, std::string> networks_{};
  std::vector<std::string> wildcards_{};  ///< "ppp+"
};

}  // namespace vuurmuur::analyse
