// SPDX-License-Identifier: GPL-2.0-or-later
// The two writers of tables, each held against the other: what they make is the same to iptables, and each reads what
// the other wrote.
#include "apply/apply.h"
#include "apply/blob_table.h"
#include "apply/entry.h"
#include "apply/iptc_table.h"
#include "apply/table_editor.h"
#include "backend/xtables_entry.h"
#include "base/strings.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"
#include "unit/backend/every_rule.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

constexpr std::array kWriters{TableWriter::Own, TableWriter::Libiptc};

/// Of others, in all tables, with names on both sides of ours and a rule that has no target.
constexpr std::string_view kOthers =
    "*raw\n:zz - [0:0]\n[1:2] -A PREROUTING -i eth0 -j zz\n[3:4] -A zz -s 192.0.2.0/24 -j DROP\nCOMMIT\n"
    "*mangle\n:AA - [0:0]\n:AA2 - [0:0]\n[5:6] -A POSTROUTING -o eth0\n[7:8] -A AA -g AA2\nCOMMIT\n"
    "*nat\n:PREROUTING ACCEPT [10:1000]\n:DOCKER - [0:0]\n"
    "[5:300] -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
    "[2:120] -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\nCOMMIT\n"
    "*filter\n:FORWARD DROP [9:99]\n:f2b-sshd - [0:0]\n:A-first - [0:0]\n"
    "[40:4000] -A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n"
    "[41:4100] -A INPUT -i wg0 -m limit --limit 3/min -j ACCEPT\n"
    "[9:900] -A FORWARD -j A-first\n[8:800] -A A-first -m comment --comment \"a b\" -j RETURN\n"
    "[7:700] -A A-first -j f2b-sshd\n"
    "[3:180] -A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable\n"
    "[37:3820] -A f2b-sshd -j RETURN\nCOMMIT\n";

std::string saved_tables() {
  std::string text;
  for (const char* program : {"iptables-legacy-save", "ip6tables-legacy-save"})
    for (const char* table : {"raw", "mangle", "nat", "filter"}) {
      const std::string save = lab::run_ok({program, "-c", "-t", table});
      for (const std::string_view line : base::split(save, '\n'))
        if (!line.starts_with('#')) text.append(line) += '\n';
    }
  return text;
}

void must_apply(TableWriter writer, const ir::Ruleset& ruleset) {
  const auto report = apply::apply(*make_kernel(writer), ruleset);
  INFO((report ? std::string() : report.error().message));
  REQUIRE(report);
}

/// A table as a writer reads it: chains, policies, counters, rules.
std::string read_text(KernelTable& table, net::Family family) {
  std::string text;
  const auto counted = [](const Counters& counters) {
    return " [" + std::to_string(counters.packets) + ":" + std::to_string(counters.bytes) + "]";
  };
  for (const std::string& chain : table.chains()) {
    text += chain + " " + std::to_string(table.references(chain));
    if (const auto policy = table.policy(chain))
      text += (policy->drop ? " DROP" : " ACCEPT") + counted(policy->counters);
    text += "\n";
    for (const void* rule = table.first_rule(chain); rule != nullptr; rule = table.next_rule(rule))
      text += " " + counted(parts_of(family, rule).counters) + " " +
              backend::entry_text(family, rule, table.target_of(rule)) + "\n";
  }
  return text;
}

/// All tables of both families as a writer reads them.
std::string read_all(TableWriter writer) {
  std::string text;
  for (const net::Family family : net::kFamilies)
    for (const ir::TableName name : ir::kTables) {
      const auto table = make_kernel(writer)->open_table(family, name);
      REQUIRE(table);
      text += describe(family, name) + "\n" + read_text(**table, family);
    }
  return text;
}

/// Both families' every rule in one ruleset.
ir::Ruleset every_rule() {
  ir::Ruleset ruleset = backend_test::every_rule(net::Family::Ipv4);
  ir::Ruleset ipv6 = backend_test::every_rule(net::Family::Ipv6);
  // The origins of both are the same, in the same order.
  REQUIRE(ruleset.origins == ipv6.origins);
  ruleset.ipv6 = std::move(ipv6.ipv6);
  return ruleset;
}

ir::Ruleset in_all_tables(const std::vector<std::uint16_t>& ports) {
  ir::Ruleset ruleset = accepting_ports(ports);
  for (const ir::TableName table : {ir::TableName::Raw, ir::TableName::Mangle, ir::TableName::Nat})
    add_prerouting_port(ruleset, table, ports.front());
  return ruleset;
}

}  // namespace

TEST_CASE("both writers make the same of every rule, and each reads the other's tables the same") {
  std::vector<std::string> saves, readings;
  for (const TableWriter writer : kWriters) {
    const Machine machine;
    must_apply(writer, every_rule());
    saves.push_back(saved_tables());
    for (const TableWriter reader : kWriters) readings.push_back(read_all(reader));
  }
  CHECK(saves[0] == saves[1]);
  CHECK(saves[0].find("-A VRMR-INPUT") != std::string::npos);
  for (const std::string& reading : readings) CHECK(reading == readings[0]);
}

TEST_CASE("both writers make the same of a table of others, over several loads") {
  std::vector<std::vector<std::string>> saves;
  for (const TableWriter writer : kWriters) {
    const Machine machine;
    restore_ipv4(kOthers);
    auto& mine = saves.emplace_back();
    must_apply(writer, in_all_tables({22, 25, 80}));
    mine.push_back(saved_tables());
    // Somebody's jump in front, and a chain of ours gone.
    lab::run_ok({"iptables-legacy", "-I", "INPUT", "-i", "eth9", "-c", "11", "12", "-j", "f2b-sshd"});
    must_apply(writer, in_all_tables({25, 443, 80, 22}));
    mine.push_back(saved_tables());
    must_apply(writer, every_rule());
    mine.push_back(saved_tables());
    REQUIRE(apply::clear(*make_kernel(writer)));
    mine.push_back(saved_tables());
  }
  REQUIRE(saves[0].size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    INFO("load " << i);
    CHECK(saves[0][i] == saves[1][i]);
  }
}

TEST_CASE("the writers can take turns, and neither finds something to change in what the other wrote") {
  const Machine machine;
  restore_ipv4(kOthers);
  const ir::Ruleset ruleset = every_rule();
  for (const TableWriter first : kWriters) {
    must_apply(first, ruleset);
    for (const TableWriter second : kWriters)
      for (const net::Family family : net::kFamilies)
        for (const ir::TableName name : ir::kTables) {
          const auto table = make_kernel(second)->open_table(family, name);
          REQUIRE(table);
          const auto outcome = edit_table(**table, {ruleset, ruleset.rules(family).table(name), family, {}},
                                          ruleset.rules(family).table(name), family);
          REQUIRE(outcome);
          INFO(describe(family, name));
          CHECK_FALSE(outcome->changed);
        }
    must_apply(first == TableWriter::Own ? TableWriter::Libiptc : TableWriter::Own, in_all_tables({22}));
  }
}

TEST_CASE("a table that is put together again without a change is the same bytes") {
  const Machine machine;
  restore_ipv4(kOthers);
  for (const ir::TableName name : ir::kTables) {
    const auto table = open_blob_table(net::Family::Ipv4, name);
    REQUIRE(table);
    const auto before = (*table)->before();
    // A chain made and deleted again counts as a change, so the table is written.
    REQUIRE((*table)->create_chain("gone"));
    REQUIRE((*table)->delete_chain("gone"));
    REQUIRE((*table)->commit());
    const auto after = open_blob_table(net::Family::Ipv4, name);
    REQUIRE(after);
    const auto now = (*after)->before();
    INFO(describe(net::Family::Ipv4, name));
    CHECK(now->info == before->info);
    // Counters included. The hooks that lead to an entry (comefrom) are the kernel's, from the same rules.
    CHECK(std::ranges::equal(now->bytes(), before->bytes()));
  }
}

TEST_CASE("the table behind a commit is foreseen as the kernel then has it, and counts on") {
  const Machine machine;
  restore_ipv4(kOthers);
  const std::string before = saved_tables();
  for (const ir::TableName name : ir::kTables) {
    const auto table = open_blob_table(net::Family::Ipv4, name);
    REQUIRE(table);
    REQUIRE((*table)->create_chain("made"));
    const auto behind = (*table)->behind();
    REQUIRE(behind);
    REQUIRE(*behind);
    REQUIRE((*behind)->delete_chain("made"));
    REQUIRE((*table)->commit());
    INFO(describe(net::Family::Ipv4, name));
    // EAGAIN if the kernel had anything else.
    REQUIRE((*behind)->commit());
  }
  CHECK(saved_tables() == before);
}
