// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "compile/compile.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "policy_builder.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

constexpr auto kForward = "VRMR-FORWARD-NEW";

/// A policy of rules between hosts of in.a and out.b, one for each pair.
struct HostPairs : test::PolicyBuilder {
  explicit HostPairs(unsigned pairs) {
    for (unsigned i = 0; i < pairs; ++i) {
      add_host(fmt::format("h{}.in.a", i), 0x0a010100 + i);
      add_host(fmt::format("h{}.out.b", i), 0x0a020100 + i);
    }
  }

  void add_host(const std::string& name, std::uint32_t address) {
    model::Host host;
    host.name = name.substr(0, name.find('.'));
    host.network = name.ends_with(".a") ? "in" : "out";
    host.zone = name.substr(name.rfind('.') + 1);
    host.addresses = {net::Address::ipv4(address)};
    model.hosts.push_back(host);
  }

  model::Rule& add_pair(unsigned source, unsigned destination, model::Action action = model::Action::Accept) {
    model::Rule& rule = add_rule(action);
    rule.from = model::Endpoint{model::Endpoint::Kind::Member, fmt::format("h{}.in.a", source)};
    rule.to = model::Endpoint{model::Endpoint::Kind::Member, fmt::format("h{}.out.b", destination)};
    return rule;
  }
};

const ir::Table& filter_of(const ir::Ruleset& ruleset) { return ruleset.ipv4.table(ir::TableName::Filter); }

const std::vector<ir::Rule>& forward_rules(const ir::Ruleset& ruleset) {
  return filter_of(ruleset).chain(*filter_of(ruleset).find(kForward)).rules;
}

std::size_t sets_asked(const std::vector<ir::Rule>& rules) {
  return static_cast<std::size_t>(std::ranges::count_if(rules, [](const ir::Rule& rule) {
    return !rule.matches.empty() && std::holds_alternative<ir::SetMatch>(rule.matches.back());
  }));
}

}  // namespace

TEST_CASE("rules between hosts are one kernel rule, however many they are") {
  std::size_t rules = 0;
  for (const unsigned pairs : {20u, 200u}) {
    HostPairs policy(pairs);
    for (unsigned i = 0; i < pairs; ++i) policy.add_pair(i, pairs - 1 - i);
    const auto output = compile::compile(policy.resolve(), {.verify = true});
    REQUIRE_FALSE(policy.sink.has_errors());
    REQUIRE(output.ruleset.sets.size() == 1);
    const ir::Set& set = output.ruleset.sets.front();
    CHECK(set.key == ir::SetKey::SourcePortDestination);
    CHECK(set.is_counted);
    CHECK(set.elements.size() == pairs);
    CHECK(output.ruleset.origin(set.elements[3].origin).label.starts_with("rule 4:"));
    CHECK(sets_asked(forward_rules(output.ruleset)) == 1);
    if (rules != 0) CHECK(output.ruleset.rule_count() == rules);
    rules = output.ruleset.rule_count();
  }
}

TEST_CASE("no more rules than the threshold stay rules") {
  HostPairs policy(16);
  for (unsigned i = 0; i < 16; ++i) policy.add_pair(i, i);
  const auto output = compile::compile(policy.resolve());
  CHECK(output.ruleset.sets.empty());
}

TEST_CASE("a set that the kernel cannot hold stays rules") {
  HostPairs policy(40);
  for (unsigned i = 0; i < 40; ++i) policy.add_pair(i, i);
  const auto output = compile::compile(
      policy.resolve(), {.can_hold = [](const ir::Set& set) { return set.key != ir::SetKey::SourcePortDestination; }});
  CHECK(output.ruleset.sets.empty());
}

TEST_CASE("a rule that some of the packets meet is not overtaken") {
  HostPairs policy(40);
  for (unsigned i = 0; i < 20; ++i) policy.add_pair(i, i);
  // Host 30 is refused to reach any of the hosts behind the first twenty.
  model::Rule& barrier = policy.add_pair(30, 0, model::Action::Drop);
  barrier.to = model::Endpoint{model::Endpoint::Kind::Network, "out.b"};
  for (unsigned i = 20; i < 40; ++i) policy.add_pair(i, i);
  const auto output = compile::compile(policy.resolve(), {.verify = true});
  REQUIRE_FALSE(policy.sink.has_errors());
  const auto& rules = forward_rules(output.ruleset);
  REQUIRE(rules.size() >= 3);
  // All but the pair of host 30 pass the drop; that one, and those behind it, stay behind.
  CHECK(sets_asked(rules) == 1);
  const auto drop = std::ranges::find_if(
      rules, [](const ir::Rule& rule) { return std::holds_alternative<ir::DropTarget>(rule.target); });
  REQUIRE(drop != rules.end());
  const auto of_host_30 = [](const ir::Rule& rule) {
    return rule.source == net::Prefix::host(net::Address::ipv4(0x0a010100 + 30)) &&
           std::holds_alternative<ir::AcceptTarget>(rule.target);
  };
  CHECK(std::ranges::find_if(drop, rules.end(), of_host_30) != rules.end());
  CHECK(std::ranges::find_if(rules.begin(), drop, of_host_30) == drop);
}

TEST_CASE("lists of one origin count at the rule, and equal lists are one set") {
  HostPairs policy(1);
  policy.model.services.push_back(policy.model.services.front());
  policy.model.services[1].name = std::string("mail");
  policy.model.services[1].port_sets = {model::PortSet{.protocol = net::Protocol::Tcp, .destination = net::PortRange{2000, 2010}}};
  model::Group group;
  group.name = std::string("many");
  group.network = "in";
  group.zone = "a";
  for (unsigned i = 10; i < 60; ++i) {
    policy.add_host(fmt::format("h{}.in.a", i), 0x0a010100 + i);
    group.members.push_back(model::Located<std::string>{fmt::format("h{}", i)});
  }
  policy.model.groups.push_back(group);
  for (const char* service : {"web", "mail"}) {
    model::Rule& rule = policy.add_rule(model::Action::Accept);
    rule.service = std::string(service);
    rule.from = model::Endpoint{model::Endpoint::Kind::Member, "many.in.a"};
  }
  const auto output = compile::compile(policy.resolve(), {.verify = true});
  REQUIRE(output.ruleset.sets.size() == 1);
  CHECK_FALSE(output.ruleset.sets.front().is_counted);
  CHECK(output.ruleset.sets.front().elements.size() == 50);
  CHECK(sets_asked(forward_rules(output.ruleset)) == 2);
}
