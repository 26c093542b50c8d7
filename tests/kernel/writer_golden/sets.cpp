// SPDX-License-Identifier: GPL-2.0-or-later
// Sets and the rules that ask them, against ipset and iptables: text, bytes, and what the script does.
#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "backend/shell_script.h"
#include "base/strings.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "libiptc.h"
#include "support/catch.h"
#include "unit/backend/every_rule.h"

namespace vuurmuur::backend {
namespace {

using backend_test::prefix;
using ir::SetKey;
using net::Family;

std::vector<std::string> sorted_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  std::ranges::sort(lines);
  return lines;
}

/// "ipset save" without what ipset chooses by itself and without counters.
std::vector<std::string> saved_sets() {
  std::string text;
  const std::string saved = lab::run_ok({"ipset", "save"});
  for (const std::string_view line : base::split(saved, '\n')) {
    std::string kept(line.substr(0, line.find(" bucketsize ")));
    if (const auto counters = kept.find(" packets 0 bytes 0"); counters != std::string::npos) kept.erase(counters, 18);
    text += kept + '\n';
  }
  return sorted_lines(text);
}

/// A set of each number of parts in types that every kernel has, and rules that ask them in every way.
ir::Ruleset asking_ruleset(Family family) {
  const bool is_ipv4 = family == Family::Ipv4;
  backend_test::Builder builder(family);
  const net::Prefix host = prefix(is_ipv4 ? "192.0.2.1" : "2001:db8::1");
  const net::Prefix network = prefix(is_ipv4 ? "198.51.100.0/24" : "2001:db8:1::/48");
  const ir::ProtocolPort http{.protocol = net::Protocol::Tcp, .port = 80};
  std::vector<ir::Set> sets{
      {.name = "vrmr4-one", .key = SetKey::Source, .elements = {{.source = host}, {.source = network}}},
      {.name = "vrmr4-two",
       .key = SetKey::SourcePort,
       .is_counted = true,
       .elements = {{.source = network, .port = http}}},
      {.name = "vrmr4-three",
       .key = SetKey::SourcePortDestination,
       .is_counted = true,
       .elements = {{.source = host, .destination = network, .port = http}}}};
  // The kernel does not compare the keys, so the set of three parts answers for all of one to three.
  constexpr std::array<std::pair<SetKey, std::size_t>, 6> kKeys{{{SetKey::Source, 0},
                                                                 {SetKey::Destination, 0},
                                                                 {SetKey::SourcePort, 1},
                                                                 {SetKey::DestinationPort, 1},
                                                                 {SetKey::SourceDestination, 1},
                                                                 {SetKey::SourcePortDestination, 2}}};
  for (const auto& [key, set] : kKeys)
    for (const bool inverted : {false, true})
      builder.add_match({.matches = {ir::SetMatch{.set = sets[set].name, .key = key, .inverted = inverted}}});
  ir::Ruleset ruleset = builder.result();
  for (ir::Set& set : sets) set.family = family;
  ruleset.sets = std::move(sets);
  return ruleset;
}

/// In a namespace of its own a set's number is its place among those that were made.
SetIndices indices_of(const ir::Ruleset& ruleset) {
  SetIndices indices;
  for (const ir::Set& set : ruleset.sets) indices.emplace(set.name, static_cast<std::uint16_t>(indices.size()));
  return indices;
}

void load_sets(const ir::Ruleset& ruleset) { lab::run_ok({"ipset", "restore"}, ipset_save(ruleset, net::kFamilies)); }

}  // namespace

TEMPLATE_TEST_CASE("ipset reads our text and gives it back", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  const ir::Ruleset ruleset = asking_ruleset(TestType::kFamily);
  load_sets(ruleset);
  CHECK(saved_sets() == sorted_lines(ipset_save(ruleset, net::kFamilies)));
}

TEMPLATE_TEST_CASE("a rule that asks a set is the same to iptables as its text", "", Ipv4Tc, Ipv6Tc) {
  lab::enter_laboratory();
  const ir::Ruleset ruleset = asking_ruleset(TestType::kFamily);
  const SetIndices sets = indices_of(ruleset);
  const lab::NetNamespace by_entries, by_text;
  const lab::Inside inside(by_entries);
  load_sets(ruleset);
  load_entries<TestType>(ruleset, &sets);
  const std::string text = iptables_save(ruleset, TestType::kFamily);
  check_same(kernel_lines(TestType::kFamily), rule_lines(text));
  const auto ours = read_entries<TestType>(&sets);
  RuleLines decoded;
  for (const auto& [table, rules] : ours)
    for (const KernelRule& rule : rules) decoded[table].push_back(rule.line);
  check_same(decoded, rule_lines(text));

  const lab::Inside other(by_text);
  load_sets(ruleset);
  restore(TestType::kFamily, text);
  const auto theirs = read_entries<TestType>(&sets);
  for (const auto& [table, rules] : ours) {
    REQUIRE(rules.size() == theirs.at(table).size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
      INFO(rules[i].line);
      CHECK(rules[i].bytes == theirs.at(table)[i].bytes);
    }
  }
}

TEST_CASE("the script makes the sets, again and over older ones, and leaves those of others") {
  lab::enter_laboratory();
  const lab::NetNamespace space;
  const lab::Inside inside(space);
  lab::run_ok({"ipset", "restore"}, "create mine hash:ip\ncreate vrmr4-old hash:ip\n");
  const ir::Ruleset ruleset = asking_ruleset(Family::Ipv4);
  std::vector<std::string> expected = sorted_lines(ipset_save(ruleset, net::kFamilies));
  expected.emplace_back("create mine hash:ip family inet hashsize 1024 maxelem 65536");
  std::ranges::sort(expected);
  for (int run = 0; run < 2; ++run) {
    lab::run_ok(
        {"env", "IPTABLES_RESTORE=iptables-legacy-restore", "IP6TABLES_RESTORE=ip6tables-legacy-restore", "sh", "-s"},
        shell_script(ruleset));
    CHECK(saved_sets() == expected);
    check_same(kernel_lines(Family::Ipv4), rule_lines(iptables_save(ruleset, Family::Ipv4)));
  }
  lab::run_ok(
      {"env", "IPTABLES_RESTORE=iptables-legacy-restore", "IP6TABLES_RESTORE=ip6tables-legacy-restore", "sh", "-s"},
      shell_script({}));
  CHECK(lab::run_ok({"ipset", "list", "-n"}) == "mine\n");
}

}  // namespace vuurmuur::backend
