// SPDX-License-Identifier: GPL-2.0-or-later
// Reloads that fail half-way: what is in force already is taken back under traffic.
#include "base/strings.h"
#include "lab/error.h"
#include "lab/run.h"
#include "nat_policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

/// A chain of ours with rules in a table.
ir::ChainId some_chain(const ir::Table& table) {
  for (std::size_t i = 0; i < table.chains().size(); ++i)
    if (table.chains()[i].kind == ir::ChainKind::Own && !table.chains()[i].rules.empty())
      return static_cast<ir::ChainId>(i);
  throw lab::LabError("the table has no chain of ours");
}

/// With a rule that the kernel refuses in filter of IPv4, when raw and mangle, and filter of IPv6, are in force
/// already.
ir::Ruleset with_bad_rule(const ir::Ruleset& good) {
  ir::Ruleset bad = good;
  ir::Table& filter = bad.rules(net::Family::Ipv4).table(ir::TableName::Filter);
  filter.append(some_chain(filter), {.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset},
                                     .origin = bad.add_origin("rule 0: reject any")});
  return bad;
}

/// With a value that the kernel refuses for the last of the settings, when all tables are in force.
ir::Ruleset with_bad_setting(const ir::Ruleset& good) {
  ir::Ruleset bad = good;
  bad.sysctls.push_back({.path = "net/ipv4/ip_forward", .value = "nonsense", .after_rules = true});
  return bad;
}

/// The rules that are in force, without what they counted.
std::string rules_in_force(Road& bench, apply::Backend backend) {
  const lab::Inside there(bench.firewall());
  if (backend == apply::Backend::Nft) return lab::run_ok({"nft", "--stateless", "list", "ruleset"});
  std::string text;
  for (const char* program : {"iptables-legacy-save", "ip6tables-legacy-save"}) {
    const std::string saved = lab::run_ok({program});
    for (const std::string_view line : base::split(saved, '\n'))
      if (!line.starts_with('#')) text.append(line.substr(0, line.find(" ["))) += '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("a reload that fails half-way, or at the very end, is taken back and no packet notices") {
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    clear(bench);
    const Policy good(policy_with_nat(true), rules_apart()), next(policy_with_nat(false, 1), rules_apart());
    const ir::Ruleset bad_rule = with_bad_rule(next.ruleset), bad_setting = with_bad_setting(next.ruleset);
    const std::size_t rules = load(bench, good, backend).rules;
    const std::string before = rules_in_force(bench, backend);
    const TrafficPlan plan = translated_traffic();
    Traffic traffic(bench, plan);
    run({"reloads that fail", backend, rules, extent().reloads}, traffic, plan, [&](unsigned number) {
      // nf_tables takes the rule, and a transaction in which one is refused is not even begun.
      const bool at_the_end = number % 2 != 0 || backend == apply::Backend::Nft;
      const std::string message = load_refused(bench, at_the_end ? bad_setting : bad_rule, backend);
      CHECK(message.find(at_the_end ? "write nonsense to" : "rule 0: reject any") != std::string::npos);
      CHECK(message.find("put back") == std::string::npos);
    });
    CHECK((rules_in_force(bench, backend) == before));
  }
}
