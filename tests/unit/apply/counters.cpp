// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>

#include "apply/apply.h"
#include "apply/counter_sums.h"
#include "apply/entry.h"
#include "apply/rule_counters.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using enum ir::TableName;

/// Lets the rules of a chain count n packets of 100 bytes each: 1 the first, 2 the second, …
void count(FakeKernel& kernel, net::Family family, ir::TableName table, const std::string& chain) {
  std::uint64_t packets = 0;
  for (FakeRule& rule : kernel.table(family, table).find(chain)->rules) {
    ++packets;
    set_counters(family, rule.entry, {.packets = packets, .bytes = packets * 100});
  }
}

std::string text_of(FakeKernel& kernel) {
  const auto rules = read_counters(kernel, Options().state_directory);
  REQUIRE(rules);
  std::string text;
  for (const RuleCounters& rule : *rules)
    text += rule.origin + " = " + std::to_string(rule.ipv4.packets) + "/" + std::to_string(rule.ipv6.packets) + " " +
            std::to_string(rule.both().bytes) + "\n";
  return text;
}

ir::Rule to_chain(ir::Ruleset& ruleset, ir::TableName table, const std::string& chain) {
  return {.target = ir::JumpTarget{ruleset.ipv4.table(table).chain_named(chain)}};
}

}  // namespace

TEST_CASE("rules of the kernel that one rule of the policy became are counted together, in order of number") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder own(ruleset, net::Family::Ipv4, Filter, "VRMR-INPUT");
  own.accept_port(80, 10).accept_port(80, 10).accept_port(81, 9);
  REQUIRE(apply::apply(kernel, ruleset));
  // established, rule 1, rule 10 twice, rule 9
  count(kernel, net::Family::Ipv4, Filter, "VRMR-INPUT");
  count(kernel, net::Family::Ipv6, Filter, "VRMR-INPUT");
  CHECK(text_of(kernel) ==
        "rule 1: accept port 22 = 2/2 400\nrule 9: accept port 81 = 5/0 500\n"
        "rule 10: accept port 80 = 7/0 700\nestablished = 1/1 200\n");
}

TEST_CASE("a rule with a chain of its own counts what its verdict took, not what led to it or was logged") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({});
  ChainBuilder(ruleset, net::Family::Ipv4, Filter, "VRMR-INPUT").add(to_chain(ruleset, Filter, "VRMR-R1"), "rule 1");
  ChainBuilder(ruleset, net::Family::Ipv4, Filter, "VRMR-R1")
      .add({.target = ir::NflogTarget{.group = 8}}, "rule 1")
      .add({.target = ir::AcceptTarget{}}, "rule 1");
  REQUIRE(apply::apply(kernel, ruleset));
  count(kernel, net::Family::Ipv4, Filter, "VRMR-INPUT");
  count(kernel, net::Family::Ipv4, Filter, "VRMR-R1");
  CHECK(text_of(kernel) == "rule 1 = 2/0 200\nestablished = 1/0 100\n");
}

TEST_CASE("a rule that leads to a chain of others' counts at the jump; one that only logs, where it logs") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({});
  ChainBuilder(ruleset, net::Family::Ipv4, Filter, "VRMR-INPUT")
      .add(to_chain(ruleset, Filter, "VRMR-NEWQ7"), "rule 1: nfqueue")
      .add({.target = ir::NflogTarget{.group = 8}}, "rule 2: log");
  ChainBuilder(ruleset, net::Family::Ipv4, Filter, "VRMR-NEWQ7")
      .add({.target = ir::NfqueueTarget{.first = 7, .last = 7}}, "queue 7");
  REQUIRE(apply::apply(kernel, ruleset));
  count(kernel, net::Family::Ipv4, Filter, "VRMR-INPUT");
  CHECK(text_of(kernel) ==
        "rule 1: nfqueue = 2/0 200\nrule 2: log = 3/0 300\nestablished = 1/0 100\nqueue 7 = 0/0 0\n");
}

TEST_CASE(
    "a rule with a verdict is not counted where it translates or drops before that; one that only translates is") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({22});
  add_prerouting_port(ruleset, Nat, 22);
  ChainBuilder nat(ruleset, net::Family::Ipv4, Nat, "VRMR-PRE");
  nat.add({.target = ir::AcceptTarget{}}, "rule 2: masq");
  REQUIRE(apply::apply(kernel, ruleset));
  count(kernel, net::Family::Ipv4, Filter, "VRMR-INPUT");
  count(kernel, net::Family::Ipv4, Nat, "VRMR-PRE");
  CHECK(text_of(kernel) == "rule 1: accept port 22 = 2/0 200\nrule 2: masq = 2/0 200\nestablished = 1/0 100\n");
}

TEST_CASE("elements of sets count for their rules, unless no rule asks the set") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({});
  add_set(ruleset, source_set(ruleset, net::Family::Ipv4, {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "four", true, 2));
  add_set(ruleset, source_set(ruleset, net::Family::Ipv6, {"2001:db8::1"}, "six", true, 1));
  REQUIRE(apply::apply(kernel, ruleset));
  for (auto& [index, set] : kernel.sets_by_index)
    for (SetMember& member : set.members) member.counters = {.packets = 5, .bytes = 50};
  kernel.sets_by_index[100] = kernel.sets_by_index.begin()->second;
  kernel.sets_by_index[100].name = "vrmr4-old";
  CHECK(text_of(kernel) ==
        "rule 1: accept any from list = 10/5 150\nrule 2: accept any from list = 5/0 50\nestablished = 0/0 0\n");
}

TEST_CASE("without comments rules are told by their tags, and chains of others do not count") {
  FakeKernel kernel;
  kernel.add_foreign(net::Family::Ipv4, Filter, "OTHERS", "DROP", {3, 4});
  ir::Ruleset ruleset = accepting_ports({});
  ChainBuilder own(ruleset, net::Family::Ipv4, Filter, "VRMR-INPUT");
  // Two of the same text but for the number carry comments all the same.
  own.accept_port(80, 1).accept_port(81, 2).accept_port(81, 3).accept_port(82, 4);
  REQUIRE(apply::apply(kernel, ruleset, {.comments = false}));
  count(kernel, net::Family::Ipv4, Filter, "VRMR-INPUT");
  CHECK(text_of(kernel) ==
        "rule 1: accept port 80 = 2/0 200\nrule 2: accept port 81 = 3/0 300\nrule 3: accept port 81 = 4/0 400\n"
        "rule 4: accept port 82 = 5/0 500\nestablished = 1/0 100\n");
  SECTION("and by their comments when they get them again, with nothing left of what they were called") {
    REQUIRE(apply::apply(kernel, ruleset));
    CHECK(text_of(kernel).find("rule 1: accept port 80 = ") == 0);
    CHECK(kernel.file_system.files.empty());
  }
  SECTION("and go on counting under another number, without a change in the kernel") {
    const unsigned version = kernel.table(net::Family::Ipv4, Filter).version;
    ir::Ruleset renumbered = accepting_ports({});
    ChainBuilder(renumbered, net::Family::Ipv4, Filter, "VRMR-INPUT")
        .accept_port(80, 11)
        .accept_port(81, 2)
        .accept_port(81, 3)
        .accept_port(82, 14);
    REQUIRE(apply::apply(kernel, renumbered, {.comments = false}));
    CHECK(kernel.table(net::Family::Ipv4, Filter).version == version);
    CHECK(text_of(kernel) ==
          "rule 2: accept port 81 = 3/0 300\nrule 3: accept port 81 = 4/0 400\nrule 11: accept port 80 = 2/0 200\n"
          "rule 14: accept port 82 = 5/0 500\nestablished = 1/0 100\n");
  }
  SECTION("and nothing is left of what they are called when they go") {
    CHECK_FALSE(kernel.file_system.files.empty());
    REQUIRE(apply::clear(kernel, {}));
    CHECK(kernel.file_system.files.empty());
  }
  SECTION("but not when what they are called is lost") {
    kernel.file_system.files.clear();
    CHECK(text_of(kernel) == "rule 2: accept port 81 = 3/0 300\nrule 3: accept port 81 = 4/0 400\n");
  }
}

TEST_CASE("rules carry comments unless there are very many of them or it is wished otherwise") {
  const auto has_comments = [](int rules, std::optional<bool> wish) {
    FakeKernel kernel;
    std::vector<std::uint16_t> ports(static_cast<std::size_t>(rules), 80);
    REQUIRE(apply::apply(kernel, accepting_ports(ports), {.comments = wish}));
    const FakeRule& last = kernel.table(net::Family::Ipv4, Filter).find("VRMR-INPUT")->rules.front();
    return !comment_of(net::Family::Ipv4, last.entry.data()).empty();
  };
  CHECK(has_comments(10, {}));
  CHECK_FALSE(has_comments(10, false));
  CHECK_FALSE(has_comments(kMostCommentedRules, {}));
  CHECK(has_comments(kMostCommentedRules, true));
}

TEST_CASE("counters that cannot be read are an error") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22})));
  kernel.fault = [](const std::string& step) { return step == "open filter6" ? EPERM : 0; };
  REQUIRE_FALSE(read_counters(kernel, Options().state_directory));
}

TEST_CASE("more rules than the first size of the sums' index are told apart, and met again") {
  CounterSums sums, others;
  constexpr std::uint32_t kRules = 5000;
  for (std::uint32_t i = kRules; i > 0; --i)
    sums.add("rule " + std::to_string(i) + ": accept", net::Family::Ipv4, CounterSums::Place::FilterVerdict,
             {i, 2 * i});
  for (std::uint32_t i = 1; i <= kRules; i += 2)
    others.add("rule " + std::to_string(i) + ": accept", net::Family::Ipv6, CounterSums::Place::FilterVerdict, {1, 1});
  others.add("established", net::Family::Ipv6, CounterSums::Place::RawEffect, {7, 8});
  sums.add_all(others);
  const std::vector<RuleCounters> rules = sums.result();
  REQUIRE(rules.size() == kRules + 1);
  for (std::uint32_t i = 1; i <= kRules; ++i) {
    CHECK(rules[i - 1].origin == "rule " + std::to_string(i) + ": accept");
    CHECK(rules[i - 1].ipv4 == Counters{i, 2 * i});
    CHECK(rules[i - 1].ipv6.packets == i % 2);
  }
  CHECK(rules.back().origin == "established");
  CHECK(rules.back().ipv6 == Counters{7, 8});
}

TEST_CASE("of the places of an origin the first holds its sum, whichever was met first and in whatever family") {
  using Place = CounterSums::Place;
  const std::string longer(100'000, 'x');  // than the pieces of memory that origins stand in
  for (const bool is_effect_first : {false, true}) {
    CounterSums sums;
    if (is_effect_first) sums.add(longer, net::Family::Ipv6, Place::FilterEffect, {5, 50});
    sums.add(longer, net::Family::Ipv4, Place::FilterVerdict, {2, 20});
    if (!is_effect_first) sums.add(longer, net::Family::Ipv6, Place::FilterEffect, {5, 50});
    sums.add(longer, net::Family::Ipv6, Place::FilterVerdict, {1, 10});
    const std::vector<RuleCounters> rules = sums.result();
    REQUIRE(rules.size() == 1);
    CHECK(rules[0].origin == longer);
    CHECK(rules[0].ipv4 == Counters{2, 20});
    CHECK(rules[0].ipv6 == Counters{1, 10});
  }
}
