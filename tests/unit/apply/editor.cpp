// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/entry.h"
#include "apply/guard.h"
#include "apply/table_editor.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

constexpr net::Family kFamily = net::Family::Ipv4;
constexpr ir::TableName kFilter = ir::TableName::Filter;

/// Edits and commits the IPv4 filter table.
EditOutcome edit(FakeKernel& kernel, const ir::Ruleset& ruleset) {
  kernel.table(kFamily, kFilter);
  auto table = kernel.open_table(kFamily, kFilter);
  REQUIRE(table);
  auto outcome = edit_table(**table, {ruleset, ruleset.ipv4.table(kFilter), kFamily, {.comments = false}},
                            ruleset.ipv4.table(kFilter), kFamily);
  REQUIRE(outcome);
  REQUIRE((*table)->commit());
  return *outcome;
}

void count(FakeKernel& kernel, const std::string& chain, std::size_t rule, Counters counters) {
  auto& entry = kernel.table(kFamily, kFilter).find(chain)->rules.at(rule).entry;
  set_counters(kFamily, entry, counters);
}

}  // namespace

TEST_CASE("an empty table gets policies, jumps and own chains") {
  FakeKernel kernel;
  CHECK(edit(kernel, accepting_ports({22})).changed);
  CHECK(kernel.text(kFamily, kFilter) ==
        "*filter4\n"
        ":INPUT DROP\n[0:0] -j VRMR-INPUT\n"
        ":FORWARD ACCEPT\n"
        ":OUTPUT ACCEPT\n"
        ":VRMR-INPUT -\n"
        "[0:0] -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
        "[0:0] -p tcp -m tcp --dport 22 -j ACCEPT\n");
}

TEST_CASE("a table that holds what is wanted is not changed") {
  FakeKernel kernel;
  edit(kernel, accepting_ports({22, 80}));
  CHECK_FALSE(edit(kernel, accepting_ports({22, 80})).changed);
}

TEST_CASE("jumps of ours stay between the rules of others, and those keep their counters") {
  FakeKernel kernel;
  kernel.add_foreign(kFamily, kFilter, "f2b-sshd", "RETURN", {3, 180});
  kernel.add_foreign(kFamily, kFilter, "INPUT", "f2b-sshd", {7, 700}, "eth0");
  edit(kernel, accepting_ports({22}));
  kernel.add_foreign(kFamily, kFilter, "INPUT", "f2b-sshd", {9, 900}, "eth1");
  count(kernel, "INPUT", 1, {5, 500});

  ir::Ruleset next = accepting_ports({80});
  ChainBuilder(next, kFamily, kFilter, "INPUT").jump("VRMR-MORE");
  CHECK(edit(kernel, next).changed);
  CHECK(kernel.text(kFamily, kFilter) ==
        "*filter4\n"
        ":INPUT DROP\n"
        "[7:700] -i eth0 -j f2b-sshd\n"
        "[5:500] -j VRMR-INPUT\n"
        "[0:0] -j VRMR-MORE\n"
        "[9:900] -i eth1 -j f2b-sshd\n"
        ":FORWARD ACCEPT\n"
        ":OUTPUT ACCEPT\n"
        ":f2b-sshd -\n[3:180] -j RETURN\n"
        ":VRMR-INPUT -\n"
        "[0:0] -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
        "[0:0] -p tcp -m tcp --dport 80 -j ACCEPT\n"
        ":VRMR-MORE -\n");
}

TEST_CASE("a jump that is not wanted any more goes and the others keep their places") {
  FakeKernel kernel;
  ir::Ruleset two = accepting_ports({22});
  ChainBuilder(two, kFamily, kFilter, "INPUT").jump("VRMR-MORE");
  edit(kernel, two);
  kernel.add_foreign(kFamily, kFilter, "INPUT", "DROP", {1, 2}, "eth9");
  edit(kernel, accepting_ports({22}));
  CHECK(kernel.text(kFamily, kFilter) ==
        "*filter4\n"
        ":INPUT DROP\n[0:0] -j VRMR-INPUT\n[1:2] -i eth9 -j DROP\n"
        ":FORWARD ACCEPT\n"
        ":OUTPUT ACCEPT\n"
        ":VRMR-INPUT -\n"
        "[0:0] -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
        "[0:0] -p tcp -m tcp --dport 22 -j ACCEPT\n");
}

TEST_CASE("rules before and behind a change keep their counters") {
  FakeKernel kernel;
  edit(kernel, accepting_ports({22, 80, 443}));
  for (std::size_t i = 0; i < 4; ++i) count(kernel, "VRMR-INPUT", i, {i + 1, 10});
  edit(kernel, accepting_ports({22, 8080, 81, 443}));
  const std::string text = kernel.text(kFamily, kFilter);
  CHECK(text.substr(text.find(":VRMR-INPUT")) ==
        ":VRMR-INPUT -\n"
        "[1:10] -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
        "[2:10] -p tcp -m tcp --dport 22 -j ACCEPT\n"
        "[0:0] -p tcp -m tcp --dport 8080 -j ACCEPT\n"
        "[0:0] -p tcp -m tcp --dport 81 -j ACCEPT\n"
        "[4:10] -p tcp -m tcp --dport 443 -j ACCEPT\n");
}

TEST_CASE("a chain of the user is made when missing and never touched") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder hook(ruleset, kFamily, kFilter, "PRE-VRMR-INPUT", ir::ChainKind::Foreign);
  edit(kernel, ruleset);
  REQUIRE(kernel.table(kFamily, kFilter).find("PRE-VRMR-INPUT") != nullptr);
  kernel.add_foreign(kFamily, kFilter, "PRE-VRMR-INPUT", "DROP", {4, 4}, "eth7");
  CHECK_FALSE(edit(kernel, ruleset).changed);
  edit(kernel, ir::Ruleset());
  CHECK(kernel.text(kFamily, kFilter) ==
        "*filter4\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:PRE-VRMR-INPUT -\n[4:4] -i eth7 -j DROP\n");
}

TEST_CASE("an own chain that somebody else's rule jumps to is emptied and kept, with a warning") {
  FakeKernel kernel;
  edit(kernel, accepting_ports({22}));
  kernel.add_foreign(kFamily, kFilter, "mine", "VRMR-INPUT");
  const EditOutcome outcome = edit(kernel, ir::Ruleset());
  CHECK(outcome.warnings ==
        std::vector<std::string>{"table filter (IPv4): chain VRMR-INPUT is not used any more, but a rule "
                                 "that is not Vuurmuur's jumps to it; it was emptied"});
  CHECK(kernel.text(kFamily, kFilter) ==
        "*filter4\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:VRMR-INPUT -\n:mine -\n[0:0] -j VRMR-INPUT\n");
}

TEST_CASE("own chains that jump to each other go together") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder(ruleset, kFamily, kFilter, "VRMR-INPUT").jump("VRMR-A");
  ChainBuilder(ruleset, kFamily, kFilter, "VRMR-A").jump("VRMR-Z");
  edit(kernel, ruleset);
  CHECK(edit(kernel, ir::Ruleset()).warnings.empty());
  CHECK(kernel.text(kFamily, kFilter) == "*filter4\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n");
}

TEST_CASE("somebody's rule that accepts everything before our jump is told") {
  FakeKernel kernel;
  kernel.add_foreign(kFamily, kFilter, "INPUT", "ACCEPT", {}, "lo");
  CHECK(edit(kernel, accepting_ports({22})).warnings.empty());
  kernel.add_foreign(kFamily, kFilter, "INPUT", "ACCEPT");
  CHECK(edit(kernel, accepting_ports({22})).warnings.empty());
  FakeKernel open;
  open.add_foreign(kFamily, kFilter, "INPUT", "ACCEPT");
  CHECK(edit(open, accepting_ports({22})).warnings ==
        std::vector<std::string>{
            "table filter (IPv4), chain INPUT: a rule that is not Vuurmuur's accepts everything before ours"});
}

TEST_CASE("a guard is put in once, stands first, and is recognised and removed") {
  for (const net::Family family : net::kFamilies) {
    FakeKernel kernel;
    kernel.add_foreign(family, kFilter, "INPUT", "DROP", {1, 1}, "eth0");
    const std::string before = kernel.text();
    for (int i = 0; i < 2; ++i) {
      auto table = kernel.open_table(family, kFilter);
      REQUIRE(insert_guard(**table, family));
      REQUIRE((*table)->commit());
    }
    const std::string rule = R"([0:0] -m conntrack --ctstate NEW -m comment --comment "vuurmuur: applying" -j DROP)"
                             "\n";
    CHECK(kernel.text() == "*" + short_name(family, kFilter) + "\n:INPUT ACCEPT\n" + rule + "[1:1] -i eth0 -j DROP\n" +
                               ":FORWARD ACCEPT\n" + rule + ":OUTPUT ACCEPT\n" + rule);
    auto table = kernel.open_table(family, kFilter);
    CHECK(has_guard(**table, family));
    const ir::Ruleset nothing;
    REQUIRE(edit_table(**table, {nothing, nothing.rules(family).table(kFilter), family, {}},
                       nothing.rules(family).table(kFilter), family));
    REQUIRE((*table)->commit());
    CHECK(kernel.text() == before);
  }
}
