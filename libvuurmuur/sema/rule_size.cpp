// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/rule_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vuurmuur::sema {
namespace {

constexpr std::uint64_t kMostBytes = 512ULL * 1024 * 1024;
/// The smallest rule of IPv4 and IPv6.
constexpr std::array<std::uint64_t, 2> kSmallestRule{112 + 40, 168 + 40};

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/// Addresses behind interfaces; anything that is not a list of addresses counts as one.
std::uint64_t ways_of_end(const Policy& policy, const End& end, net::Family family) {
  if (end.kind != End::Kind::Peers) return 1;
  std::uint64_t count = 0;
  for (const Peer& peer : end.peers) {
    const auto prefixes = std::ranges::count(peer.prefixes, family, &net::Prefix::family);
    count = plus(count, times(static_cast<std::uint64_t>(prefixes), policy.network(peer.network).interfaces.size()));
  }
  return count;
}

std::uint64_t ways_of_service(const Rule& rule) {
  return rule.any_service ? 1 : std::max<std::uint64_t>(rule.port_sets.size(), 1);
}

std::string_view name_of(net::Family family) { return family == net::Family::Ipv4 ? "IPv4" : "IPv6"; }

}  // namespace

std::uint64_t most_rules(net::Family family) { return kMostBytes / kSmallestRule[static_cast<std::size_t>(family)]; }

std::uint64_t ways_to_meet(const Policy& policy, const Rule& rule, net::Family family) {
  return times(times(ways_of_end(policy, rule.from, family), ways_of_end(policy, rule.to, family)),
               ways_of_service(rule));
}

void check_rule_sizes(const Policy& policy, diag::Sink& sink) {
  for (const net::Family family : net::kFamilies) {
    std::uint64_t all = 0;
    for (const Rule& rule : policy.rules) {
      all = plus(all, ways_to_meet(policy, rule, family));
      if (all <= most_rules(family)) continue;
      auto& problem = sink.error(
          "too-many-rules", rule.source->service.span,
          fmt::format("with this rule the policy is {} kernel rules for {}, and a table of the kernel holds at most {}",
                      all, name_of(family), most_rules(family)));
      problem.notes.push_back(
          {.span = std::nullopt,
           .message = fmt::format("its sources, destinations and ports: {} x {} x {}; a network in place "
                                  "of its hosts counts as one",
                                  ways_of_end(policy, rule.from, family), ways_of_end(policy, rule.to, family),
                                  ways_of_service(rule))});
      return;
    }
  }
}

}  // namespace vuurmuur::sema
