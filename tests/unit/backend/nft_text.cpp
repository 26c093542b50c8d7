// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_text.h"

#include "backend/nft_statement_text.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"
#include "unit/backend/golden.h"

namespace vuurmuur::backend::nft {
namespace {

using backend_test::Builder;
using backend_test::check_golden;
using backend_test::prefix;
using net::Family;

/// A rule of IPv4 as text.
std::string one_rule(ir::Rule rule) {
  Builder builder(Family::Ipv4);
  builder.add(ir::TableName::Filter, ir::Hook::Input, std::move(rule));
  const Program program = make_program(builder.result(), Family::Ipv4);
  std::string line;
  for (const Statement& statement : program.chains.back().rules.front().statements) {
    if (!line.empty()) line += ' ';
    append_statement(line, program, statement);
  }
  return line;
}

}  // namespace

TEST_CASE("nft: every match and target as text") {
  // That nft reads it and that it is what the batch says is what the kernel tests show.
  check_golden("every_rule.ip.nft", text(make_program(backend_test::every_rule(Family::Ipv4), Family::Ipv4)));
  check_golden("every_rule.ip6.nft", text(make_program(backend_test::every_rule(Family::Ipv6), Family::Ipv6)));
}

TEST_CASE("nft: every set as text") {
  check_golden("every_set.ip.nft", text(make_program(backend_test::every_set(Family::Ipv4), Family::Ipv4)));
  check_golden("every_set.ip6.nft", text(make_program(backend_test::every_set(Family::Ipv6), Family::Ipv6)));
}

TEST_CASE("nft: a family without rules has no table") {
  const ir::Ruleset ruleset = backend_test::every_rule(Family::Ipv4);
  CHECK(make_program(ruleset, Family::Ipv6).is_empty());
  CHECK(text(make_program(ruleset, Family::Ipv6)).empty());
}

TEST_CASE("nft: only hooks where something is to be done are taken") {
  ir::Ruleset ruleset;
  ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
  filter.chain(filter.builtin(ir::Hook::Forward)).policy_drop = true;
  const Program program = make_program(ruleset, Family::Ipv4);
  REQUIRE(program.chains.size() == 1);
  CHECK(text(program) ==
        "add table ip vuurmuur\n"
        "add chain ip vuurmuur filter_FORWARD { type filter hook forward priority 0; }\n"
        "flush chain ip vuurmuur filter_FORWARD\n"
        "table ip vuurmuur {\n"
        "\tchain filter_FORWARD {\n"
        "\t\ttype filter hook forward priority 0; policy drop;\n"
        "\t}\n"
        "}\n");
}

TEST_CASE("nft: texts have no character that nft would read as something else") {
  CHECK(one_rule({.target = ir::NflogTarget{.group = 1, .prefix = R"(a "b" $c)"}}) ==
        R"(log prefix "a 'b' _c" group 1)");
  CHECK(one_rule({.in_interface = "ppp+", .target = ir::AcceptTarget{}}) == "iifname \"ppp*\" accept");
  CHECK(one_rule({.in_interface = "odd*", .target = ir::AcceptTarget{}}) == "iifname \"odd\\*\" accept");
  CHECK(chain_name(ir::TableName::Filter, "VRMR-INPUT") == "filter_VRMR-INPUT");
  const std::string odd = chain_name(ir::TableName::Nat, "a:b");
  CHECK(odd.starts_with("nat_a_b-"));
  CHECK(odd != chain_name(ir::TableName::Nat, "a;b"));
}

TEST_CASE("nft: the name of a counter begins with a letter and tells the whole label") {
  CHECK(counter_name("rule 12: accept http from lan to inet").starts_with("rule-12-"));
  CHECK(counter_name("rule 12: accept http") != counter_name("rule 12: accept https"));
  CHECK(counter_name("rule 12: accept http") == counter_name("rule 12: accept http"));
  CHECK(counter_name("12").starts_with("of-12-"));
  CHECK(counter_name("(#)").starts_with("of--"));
  CHECK(counter_name("protection: TCP flags").starts_with("protection-TCP-flags-"));
}

TEST_CASE("nft: writes to a mark keep the bits of others") {
  CHECK(one_rule({.target = ir::ConnmarkTarget{.value = 0x11234000, .mask = 0x3ffff000}}) ==
        "ct mark set ct mark & 0xc0000fff | 0x11234000");
  CHECK(one_rule({.target = ir::ConnmarkTarget{.value = 0, .mask = 0x3ffff000}}) == "ct mark set ct mark & 0xc0000fff");
  // "--set-xmark" turns bits over that are set outside its mask.
  CHECK(one_rule({.target = ir::MarkTarget{.value = 0x101, .mask = 0xff}}) ==
        "meta mark set meta mark & 0xffffff00 ^ 0x101");
  CHECK(one_rule({.target = ir::MarkTarget{.value = 5}}) == "meta mark set 0x5");
}

}  // namespace vuurmuur::backend::nft
