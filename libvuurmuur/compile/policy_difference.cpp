// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/policy_difference.h"

#include <algorithm>
#include <cstddef>

namespace vuurmuur::compile {
namespace {

using enum Difference;

/// Whether two lists have the same prefixes of a family in the same order.
bool are_same(net::Family family, const std::vector<net::Prefix>& a, const std::vector<net::Prefix>& b) {
  const auto next = [family](const std::vector<net::Prefix>& all, std::size_t& at) -> const net::Prefix* {
    while (at < all.size())
      if (const net::Prefix& each = all[at++]; each.family() == family) return &each;
    return nullptr;
  };
  for (std::size_t i = 0, j = 0;;) {
    const net::Prefix *left = next(a, i), *right = next(b, j);
    if (left == nullptr || right == nullptr) return left == right;
    if (*left != *right) return false;
  }
}

Difference difference(const std::vector<net::Prefix>& a, const std::vector<net::Prefix>& b) {
  if (a == b) return None;
  return (are_same(net::Family::Ipv4, a, b) ? None : Ipv4) | (are_same(net::Family::Ipv6, a, b) ? None : Ipv6);
}

Difference difference(const sema::End& a, const sema::End& b) {
  if (a.kind != b.kind || a.peers.size() != b.peers.size()) return Other;
  Difference all = None;
  for (std::size_t i = 0; i < a.peers.size(); ++i) {
    if (a.peers[i].network != b.peers[i].network || a.peers[i].mac != b.peers[i].mac) return Other;
    all = all | difference(a.peers[i].prefixes, b.peers[i].prefixes);
  }
  return all;
}

bool are_same(const sema::Interface& a, const sema::Interface& b) {
  return a.name == b.name && a.device == b.device && a.addresses == b.addresses && a.dynamic_ipv4 == b.dynamic_ipv4 &&
         a.dynamic_ipv6 == b.dynamic_ipv6 && a.protections == b.protections && a.clamp_mss == b.clamp_mss;
}

/// But for its prefixes.
bool are_same(const sema::Network& a, const sema::Network& b) {
  return a.name == b.name && a.interfaces == b.interfaces && a.spoof_protections == b.spoof_protections &&
         a.dhcp_client == b.dhcp_client && a.dhcp_server == b.dhcp_server;
}

}  // namespace

Difference difference(const sema::Rule& a, const sema::Rule& b) {
  if (a.source != b.source || a.place != b.place || a.any_service != b.any_service || a.port_sets != b.port_sets ||
      a.helper != b.helper || a.broadcast_service != b.broadcast_service || a.in_interface != b.in_interface ||
      a.out_interface != b.out_interface || a.via_interface != b.via_interface || a.never != b.never)
    return Other;
  return difference(a.from, b.from) | difference(a.to, b.to);
}

Difference difference_besides_rules(const sema::Policy& a, const sema::Policy& b) {
  const auto same = [](const auto& x, const auto& y) { return are_same(x, y); };
  if (a.settings != b.settings || !std::ranges::equal(a.interfaces, b.interfaces, same) ||
      !std::ranges::equal(a.networks, b.networks, same) || a.queues != b.queues || a.log_groups != b.log_groups ||
      a.packet_marks != b.packet_marks || a.baits != b.baits)
    return Other;
  Difference all = difference(a.blocked, b.blocked);
  for (std::size_t i = 0; i < a.networks.size(); ++i)
    all = all | difference(a.networks[i].prefixes, b.networks[i].prefixes);
  return all;
}

}  // namespace vuurmuur::compile
