// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/baseline.h"

#include "base/assert.h"
#include "compile/compile.h"
#include "model/policy.h"
#include "sema/policy.h"

namespace vuurmuur::compile {
namespace {

constexpr ir::ConntrackMatch kNew{ir::kCtNew};

ir::Rule udp(std::uint16_t from, std::uint16_t to, ir::OriginId origin) {
  return {.protocol = net::Protocol::Udp,
          .matches = {ir::UdpMatch{net::PortRange::one(from), net::PortRange::one(to)}, kNew},
          .target = ir::AcceptTarget{},
          .origin = origin};
}

/// Before all that the chain has.
void put_first(ir::Table& filter, ir::Hook hook, std::vector<ir::Rule> rules) {
  const auto chain = filter.find("VRMR-" + std::string(to_string(hook)));
  VM_ASSERT(chain.has_value());
  std::vector<ir::Rule>& present = filter.chain(*chain).rules;
  present.insert(present.begin(), std::make_move_iterator(rules.begin()), std::make_move_iterator(rules.end()));
}

}  // namespace

ir::Ruleset baseline(const std::vector<net::Prefix>& management) {
  const model::Settings settings;
  sema::Policy policy;
  policy.settings = &settings;
  ir::Ruleset ruleset = compile(policy).ruleset;
  const auto for_management = ruleset.add_origin("baseline: management"), for_dhcp = ruleset.add_origin("baseline: DHCP");
  for (const net::Family family : net::kFamilies) {
    const bool is_ipv4 = family == net::Family::Ipv4;
    const std::uint16_t client = is_ipv4 ? 68 : 546, server = is_ipv4 ? 67 : 547;
    std::vector<ir::Rule> in{udp(server, client, for_dhcp)}, out{udp(client, server, for_dhcp)};
    for (const net::Prefix& prefix : management) {
      if (prefix.family() != family) continue;
      ir::Rule rule{.matches = {kNew}, .target = ir::AcceptTarget{}, .origin = for_management};
      if (!prefix.is_any()) rule.source = prefix.network();
      in.push_back(std::move(rule));
    }
    ir::Table& filter = ruleset.rules(family).table(ir::TableName::Filter);
    put_first(filter, ir::Hook::Input, std::move(in));
    put_first(filter, ir::Hook::Output, std::move(out));
  }
  return ruleset;
}

}  // namespace vuurmuur::compile
