// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <span>

#include "base/strings.h"
#include "saved/condition.h"

namespace vuurmuur::saved {
namespace {

constexpr int kAnyCode = -1;

struct Named {
  std::string_view name;
  std::uint8_t type;
  int code = kAnyCode;
};

// Types and codes of IANA's registries "ICMP Parameters" and "ICMPv6 Parameters".
constexpr std::array kIpv4{Named{"echo-reply", 0},
                           Named{"pong", 0},
                           Named{"destination-unreachable", 3},
                           Named{"network-unreachable", 3, 0},
                           Named{"host-unreachable", 3, 1},
                           Named{"protocol-unreachable", 3, 2},
                           Named{"port-unreachable", 3, 3},
                           Named{"fragmentation-needed", 3, 4},
                           Named{"source-route-failed", 3, 5},
                           Named{"network-unknown", 3, 6},
                           Named{"host-unknown", 3, 7},
                           Named{"network-prohibited", 3, 9},
                           Named{"host-prohibited", 3, 10},
                           Named{"TOS-network-unreachable", 3, 11},
                           Named{"TOS-host-unreachable", 3, 12},
                           Named{"communication-prohibited", 3, 13},
                           Named{"host-precedence-violation", 3, 14},
                           Named{"precedence-cutoff", 3, 15},
                           Named{"source-quench", 4},
                           Named{"redirect", 5},
                           Named{"network-redirect", 5, 0},
                           Named{"host-redirect", 5, 1},
                           Named{"TOS-network-redirect", 5, 2},
                           Named{"TOS-host-redirect", 5, 3},
                           Named{"echo-request", 8},
                           Named{"ping", 8},
                           Named{"router-advertisement", 9},
                           Named{"router-solicitation", 10},
                           Named{"time-exceeded", 11},
                           Named{"ttl-exceeded", 11},
                           Named{"ttl-zero-during-transit", 11, 0},
                           Named{"ttl-zero-during-reassembly", 11, 1},
                           Named{"parameter-problem", 12},
                           Named{"ip-header-bad", 12, 0},
                           Named{"required-option-missing", 12, 1},
                           Named{"timestamp-request", 13},
                           Named{"timestamp-reply", 14},
                           Named{"address-mask-request", 17},
                           Named{"address-mask-reply", 18}};
constexpr std::array kIpv6{Named{"destination-unreachable", 1},
                           Named{"no-route", 1, 0},
                           Named{"communication-prohibited", 1, 1},
                           Named{"beyond-scope", 1, 2},
                           Named{"address-unreachable", 1, 3},
                           Named{"port-unreachable", 1, 4},
                           Named{"failed-policy", 1, 5},
                           Named{"reject-route", 1, 6},
                           Named{"packet-too-big", 2},
                           Named{"time-exceeded", 3},
                           Named{"ttl-exceeded", 3},
                           Named{"ttl-zero-during-transit", 3, 0},
                           Named{"ttl-zero-during-reassembly", 3, 1},
                           Named{"parameter-problem", 4},
                           Named{"bad-header", 4, 0},
                           Named{"unknown-header-type", 4, 1},
                           Named{"unknown-option", 4, 2},
                           Named{"echo-request", 128},
                           Named{"ping", 128},
                           Named{"echo-reply", 129},
                           Named{"pong", 129},
                           Named{"mld-listener-query", 130},
                           Named{"mld-listener-report", 131},
                           Named{"mld-listener-done", 132},
                           Named{"router-solicitation", 133},
                           Named{"router-advertisement", 134},
                           Named{"neighbour-solicitation", 135},
                           Named{"neighbor-solicitation", 135},
                           Named{"neighbour-advertisement", 136},
                           Named{"neighbor-advertisement", 136},
                           Named{"redirect", 137}};

}  // namespace

std::optional<IcmpCondition> icmp_named(std::string_view name, net::Family family) {
  const auto names = family == net::Family::Ipv4 ? std::span<const Named>(kIpv4) : std::span<const Named>(kIpv6);
  const auto found =
      std::ranges::find_if(names, [&](const Named& named) { return base::equals_ignoring_case(named.name, name); });
  if (found != names.end()) {
    if (found->code == kAnyCode) return IcmpCondition{.type = found->type};
    const auto code = static_cast<std::uint8_t>(found->code);
    return IcmpCondition{.type = found->type, .first_code = code, .last_code = code};
  }
  const auto slash = name.find('/');
  const auto type = base::parse_number<std::uint8_t>(name.substr(0, slash));
  if (!type) return std::nullopt;
  if (slash == std::string_view::npos) return IcmpCondition{.type = *type};
  const auto code = base::parse_number<std::uint8_t>(name.substr(slash + 1));
  if (!code) return std::nullopt;
  return IcmpCondition{.type = *type, .first_code = *code, .last_code = *code};
}

}  // namespace vuurmuur::saved
