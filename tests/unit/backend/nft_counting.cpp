// SPDX-License-Identifier: GPL-2.0-or-later
// Which rules count for which origin: those whose sum is what xtables' counters would add up to.
#include <algorithm>
#include <map>

#include "backend/nft_helpers.h"
#include "backend/nft_program.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend::nft {
namespace {

using backend_test::Builder;
using ir::Hook;
using ir::TableName;

/// The chains in which a counter of that label is, each as often as it is there.
std::vector<std::string> counted_in(const Program& program, std::string_view label) {
  std::vector<std::string> chains;
  for (const Chain& chain : program.chains)
    for (const Rule& rule : chain.rules)
      for (const Statement& statement : rule.statements)
        if (const auto* count = std::get_if<Count>(&statement))
          if (program.counters[count->counter].comment == label) chains.push_back(chain.name);
  return chains;
}

using Chains = std::vector<std::string>;

ir::Rule counting(ir::Target target) { return {.target = std::move(target), .commented = true}; }

}  // namespace

TEST_CASE("nft: a rule counts where it decides, else where it translates, else where it only logs") {
  Builder b(net::Family::Ipv4);
  b.set_commented(true);
  b.set_origin("decides");
  b.add(TableName::Filter, Hook::Input, counting(ir::NflogTarget{}));
  b.add(TableName::Filter, Hook::Input, counting(ir::AcceptTarget{}));
  b.add(TableName::Filter, Hook::Forward, counting(ir::DropTarget{}));
  b.add(TableName::Nat, Hook::Postrouting, counting(ir::MasqueradeTarget{}));
  b.set_origin("translates");
  b.add(TableName::Nat, Hook::Postrouting, counting(ir::MasqueradeTarget{}));
  b.add(TableName::Filter, Hook::Input, counting(ir::NflogTarget{}));
  b.set_origin("drops early");
  b.add(TableName::Raw, Hook::Prerouting, counting(ir::DropTarget{}));
  b.add(TableName::Filter, Hook::Input, counting(ir::NflogTarget{}));
  b.set_origin("logs");
  b.add(TableName::Filter, Hook::Input, counting(ir::NflogTarget{}));
  b.add(TableName::Mangle, Hook::Forward, counting(ir::MarkTarget{}));
  b.set_origin("marks");
  b.add(TableName::Mangle, Hook::Forward, counting(ir::MarkTarget{}));
  b.set_commented(false);
  b.set_origin("says nothing");
  b.add(TableName::Filter, Hook::Input, counting(ir::DropTarget{}));
  const Program program = make_program(b.result(), net::Family::Ipv4);
  CHECK(counted_in(program, "decides") == Chains{"filter_VRMR-INPUT", "filter_VRMR-FORWARD"});
  CHECK(counted_in(program, "translates") == Chains{"nat_VRMR-POSTROUTING"});
  CHECK(counted_in(program, "drops early") == Chains{"raw_VRMR-PREROUTING"});
  CHECK(counted_in(program, "logs") == Chains{"filter_VRMR-INPUT"});
  CHECK(counted_in(program, "marks") == Chains{"mangle_VRMR-FORWARD"});
  CHECK(counted_in(program, "says nothing").empty());
  CHECK(program.counters.size() == 5);
}

TEST_CASE("nft: where a rule counts is the same in both families") {
  // In IPv6 the rule only logs; its counter there would add nothing to the sum of what it decides in IPv4.
  Builder b(net::Family::Ipv4);
  b.set_commented(true);
  b.set_origin("decides");
  b.add(TableName::Filter, Hook::Input, counting(ir::AcceptTarget{}));
  ir::Ruleset ruleset = b.result();
  ir::Table& filter = ruleset.ipv6.table(TableName::Filter);
  const ir::ChainId chain = filter.chain_named("VRMR-INPUT");
  filter.append(filter.builtin(Hook::Input), Builder::jump(chain));
  filter.append(chain, {.target = ir::NflogTarget{}, .origin = b.origin()});
  CHECK(counted_in(make_program(ruleset, net::Family::Ipv4), "decides").size() == 1);
  CHECK(make_program(ruleset, net::Family::Ipv6).counters.empty());
}

TEST_CASE("nft: a jump counts nothing that the chain it leads to counts") {
  Builder b(net::Family::Ipv4);
  b.set_commented(true);
  b.set_origin("own chain");
  ir::Table& filter = b.table(TableName::Filter);
  const ir::ChainId inner = filter.chain_named("VRMR-OWN");
  filter.append(inner, {.target = ir::NflogTarget{}, .origin = b.origin()});
  filter.append(inner, {.target = ir::DropTarget{}, .origin = b.origin()});
  b.add(TableName::Filter, Hook::Input, counting(ir::JumpTarget{inner}));
  b.set_origin("shares the chain");
  b.add(TableName::Filter, Hook::Input, counting(ir::GotoTarget{inner}));
  const Program program = make_program(b.result(), net::Family::Ipv4);
  CHECK(counted_in(program, "own chain") == Chains{"filter_VRMR-OWN"});
  CHECK(counted_in(program, "shares the chain") == Chains{"filter_VRMR-INPUT"});
}

TEST_CASE("nft: what sets helpers stands behind conntrack, and what is accepted in raw does not get there") {
  Builder b(net::Family::Ipv4);
  b.set_commented(true);
  b.set_origin("dhcp");
  const auto tcp = [](ir::Target target) {
    return ir::Rule{.protocol = net::Protocol::Tcp, .target = std::move(target)};
  };
  b.add(TableName::Raw, Hook::Prerouting, {.in_interface = "eth0", .target = ir::AcceptTarget{}});
  b.set_origin("spoofed");
  b.add(TableName::Raw, Hook::Prerouting, {.source = backend_test::prefix("10.0.0.0/8"), .target = ir::DropTarget{}});
  b.set_origin("helper ftp");
  ir::Table& raw = b.table(TableName::Raw);
  const ir::ChainId gate = raw.chain_named("VRMR-HELPER-1");
  raw.append(gate, {.protocol = net::Protocol::Tcp, .target = ir::CtHelperTarget{"ftp"}, .origin = b.origin()});
  b.add(TableName::Raw, Hook::Prerouting, tcp(ir::JumpTarget{gate}));
  b.add(TableName::Raw, Hook::Output, tcp(ir::CtHelperTarget{"ftp"}));
  const Program program = make_program(b.result(), net::Family::Ipv4);
  std::map<std::string, std::size_t> rules;
  for (const Chain& chain : program.chains) rules[chain.name] = chain.rules.size();
  CHECK(rules == std::map<std::string, std::size_t>{{"raw_PREROUTING", 1},
                                                    {"raw_VRMR-PREROUTING", 2},
                                                    {"helper_PREROUTING", 1},
                                                    {"helper_VRMR-PREROUTING", 2},
                                                    {"helper_VRMR-HELPER-1", 1},
                                                    {"helper_OUTPUT", 1},
                                                    {"helper_VRMR-OUTPUT", 1}});
  CHECK(counted_in(program, "dhcp") == Chains{"raw_VRMR-PREROUTING"});
  CHECK(counted_in(program, "spoofed") == Chains{"raw_VRMR-PREROUTING"});
  CHECK(program.helpers.size() == 1);
}

TEST_CASE("nft: a source that a meter has no room for is taken as one over its rate") {
  Builder b(net::Family::Ipv4);
  b.add_match({.matches = {ir::HashlimitMatch{.name = "vrmr-syn-10-20", .per_second = 10, .burst = 20}}});
  const Program program = make_program(b.result(), net::Family::Ipv4);
  const std::vector<Rule>& rules = program.chains.back().rules;
  REQUIRE(rules.size() == 2);
  CHECK(std::holds_alternative<MeterTest>(rules[0].statements.front()));
  CHECK(std::get<SetTest>(rules[1].statements.front()).is_inverted);
  CHECK(std::get<Verdict>(rules[1].statements.back()) == Verdict{Verdict::Kind::Drop});
}

}  // namespace vuurmuur::backend::nft
