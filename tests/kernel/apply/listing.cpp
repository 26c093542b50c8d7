// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "apply/apply.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

/// A listing as text.
std::string text_of(const ListedTable& table) {
  std::string text;
  for (const ListedChain& chain : table.chains) {
    text += (chain.own ? "own " : "") + chain.name + " " + chain.policy + " " + std::to_string(chain.packets) + "\n";
    for (const ListedRule& rule : chain.rules)
      text += "  " + std::to_string(rule.packets) + ":" + std::to_string(rule.bytes) + " " + rule.text + " # " +
              rule.origin + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a listing shows what the kernel holds, ours and others'") {
  const Machine machine;
  const auto kernel = make_kernel();
  restore_ipv4("*filter\n:INPUT ACCEPT [0:0]\n:theirs - [0:0]\n[5:6] -A theirs -m ttl --ttl-eq 3 -j RETURN\nCOMMIT\n");
  ir::Ruleset ruleset = accepting_ports({22});
  ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT")
      .add({.target = ir::GotoTarget{filter.chain_named("VRMR-REST")}}, "rest");
  REQUIRE(apply::apply(*kernel, ruleset));
  const auto tables = apply::list(*kernel, apply::Options().state_directory);
  REQUIRE(tables);
  const auto found = std::find_if(tables->begin(), tables->end(), [](const ListedTable& table) {
    return table.family == net::Family::Ipv4 && table.table == ir::TableName::Filter;
  });
  REQUIRE(found != tables->end());
  CHECK(text_of(*found) ==
        "INPUT DROP 0\n"
        "  0:0 -j VRMR-INPUT # \n"
        "FORWARD ACCEPT 0\n"
        "OUTPUT ACCEPT 0\n"
        "own VRMR-INPUT  0\n"
        "  0:0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT # established\n"
        "  0:0 -p tcp -m tcp --dport 22 -j ACCEPT # rule 1: accept port 22\n"
        "  0:0 -g VRMR-REST # rest\n"
        "own VRMR-REST  0\n"
        "theirs  0\n"
        "  5:6 -m ttl [rev 0] -j RETURN # \n");
}

TEST_CASE("a machine without any rules lists nothing of ours") {
  const Machine machine;
  const auto tables = apply::list(*make_kernel(), apply::Options().state_directory);
  REQUIRE(tables);
  for (const ListedTable& table : *tables)
    for (const ListedChain& chain : table.chains) {
      CHECK(chain.policy == "ACCEPT");
      CHECK(chain.rules.empty());
    }
}
