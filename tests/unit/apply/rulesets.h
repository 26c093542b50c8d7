// SPDX-License-Identifier: GPL-2.0-or-later
// Small rulesets, made by hand, for tests of loading.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::apply::test {

/// Adds rules to one chain of a ruleset; rules are numbered as in rules/rules.conf.
class ChainBuilder {
 public:
  ChainBuilder(ir::Ruleset& ruleset, net::Family family, ir::TableName table, std::string chain,
               ir::ChainKind kind = ir::ChainKind::Own)
      : ruleset_(ruleset), table_(ruleset.rules(family).table(table)), chain_(table_.chain_named(chain, kind)) {}

  ChainBuilder& add(ir::Rule rule, const std::string& label, const std::string& place = {}) {
    rule.origin = ruleset_.add_origin(label, place);
    table_.append(chain_, std::move(rule));
    return *this;
  }

  ChainBuilder& accept_port(std::uint16_t port, int number) {
    ir::Rule rule{.protocol = net::Protocol::Tcp, .target = ir::AcceptTarget{}};
    rule.matches.emplace_back(ir::TcpMatch{.destination = net::PortRange::one(port)});
    const std::string n = std::to_string(number);
    return add(std::move(rule), "rule " + n + ": accept port " + std::to_string(port), "rules/rules.conf:" + n);
  }

  ChainBuilder& accept_established() {
    ir::Rule rule{.target = ir::AcceptTarget{}};
    rule.matches.emplace_back(ir::ConntrackMatch{.states = ir::kCtEstablished | ir::kCtRelated});
    return add(std::move(rule), "established");
  }

  /// A jump to an own chain of the same table.
  ChainBuilder& jump(const std::string& chain) {
    return add(ir::Rule{.target = ir::JumpTarget{table_.chain_named(chain)}, .commented = false}, "jump");
  }

 private:
  ir::Ruleset& ruleset_;
  ir::Table& table_;
  ir::ChainId chain_;
};

inline void set_policy_drop(ir::Ruleset& ruleset, ir::Hook hook) {
  for (const net::Family family : net::kFamilies) {
    ir::Table& filter = ruleset.rules(family).table(ir::TableName::Filter);
    filter.chain(filter.builtin(hook)).policy_drop = true;
  }
}

/// A firewall that lets some TCP ports in: filter with policy DROP in INPUT, in both families.
inline ir::Ruleset accepting_ports(const std::vector<std::uint16_t>& ports) {
  ir::Ruleset ruleset;
  set_policy_drop(ruleset, ir::Hook::Input);
  for (const net::Family family : net::kFamilies) {
    ChainBuilder(ruleset, family, ir::TableName::Filter, "INPUT").jump("VRMR-INPUT");
    ChainBuilder own(ruleset, family, ir::TableName::Filter, "VRMR-INPUT");
    own.accept_established();
    for (std::size_t i = 0; i < ports.size(); ++i) own.accept_port(ports[i], static_cast<int>(i) + 1);
  }
  return ruleset;
}

/// Adds a rule of IPv4 and IPv6 to a chain VRMR-PRE of another table, reached from PREROUTING.
inline void add_prerouting_port(ir::Ruleset& ruleset, ir::TableName table, std::uint16_t port) {
  for (const net::Family family : net::kFamilies) {
    ChainBuilder(ruleset, family, table, "PREROUTING").jump("VRMR-PRE");
    ChainBuilder(ruleset, family, table, "VRMR-PRE").accept_port(port, 1);
  }
}

/// A set of sources whose elements count for "rule 1", "rule 2", … by turns.
inline ir::Set source_set(ir::Ruleset& ruleset, net::Family family, const std::vector<std::string>& prefixes,
                          const std::string& purpose, bool is_counted = true, int rules = 1) {
  ir::Set set{.family = family, .key = ir::SetKey::Source, .is_counted = is_counted};
  std::vector<ir::OriginId> origins;
  for (int i = 1; i <= rules; ++i) {
    const std::string n = std::to_string(i);
    origins.push_back(ruleset.add_origin("rule " + n + ": accept any from list", "rules/rules.conf:" + n));
  }
  for (const std::string& prefix : prefixes)
    set.elements.push_back(
        {.source = *net::Prefix::parse(prefix), .origin = origins[set.elements.size() % origins.size()]});
  set.name = ir::set_name(set, purpose);
  return set;
}

/// Adds a set and a rule in VRMR-INPUT that accepts what is in it; its name.
inline std::string add_set(ir::Ruleset& ruleset, ir::Set set) {
  ir::Rule rule{.target = ir::AcceptTarget{}};
  rule.matches.emplace_back(ir::SetMatch{.set = set.name, .key = set.key});
  rule.commented = !set.is_counted;
  ChainBuilder(ruleset, set.family, ir::TableName::Filter, "VRMR-INPUT")
      .add(std::move(rule), "rule 1: accept any from list");
  ruleset.sets.push_back(std::move(set));
  return ruleset.sets.back().name;
}

/// accepting_ports({22}) with a set of IPv4 sources.
inline ir::Ruleset accepting_sources(const std::vector<std::string>& prefixes, const std::string& purpose = "sources") {
  ir::Ruleset ruleset = accepting_ports({22});
  add_set(ruleset, source_set(ruleset, net::Family::Ipv4, prefixes, purpose));
  return ruleset;
}

}  // namespace vuurmuur::apply::test
