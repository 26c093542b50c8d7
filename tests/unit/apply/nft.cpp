// SPDX-License-Identifier: GPL-2.0-or-later
// Loading into nf_tables: one transaction, what stays and what goes, faults, and the change from one engine to the
// other.
#include <algorithm>
#include <cerrno>

#include "apply/apply.h"
#include "apply/engine_support.h"
#include "apply/rule_counters.h"
#include "backend/nft_program.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "steps.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using Steps = std::vector<std::string>;

const Options kNft{.backend = Backend::Nft};
constexpr const char* kForwarding = "net/ipv4/ip_forward";
constexpr const char* kSyncookies = "net/ipv4/tcp_syncookies";

ir::Ruleset with_settings(std::uint16_t port) {
  ir::Ruleset ruleset = accepting_ports({port});
  add_prerouting_port(ruleset, ir::TableName::Nat, port);
  ruleset.sysctls = {{.path = kSyncookies, .value = "1"}, {.path = kForwarding, .value = "1", .after_rules = true}};
  return ruleset;
}

void give_settings(FakeKernel& kernel) { kernel.settings = {{kSyncookies, "0"}, {kForwarding, "0"}}; }

/// All that an apply could change.
std::string state_of(const FakeKernel& kernel) {
  std::string text = kernel.nft.text() + kernel.text();
  for (const auto& [path, value] : kernel.settings) text += path + "=" + value + "\n";
  return text;
}

/// A kernel with xtables' tables made, so that looking at them changes nothing.
void make_tables(FakeKernel& kernel) {
  for (const net::Family family : net::kFamilies)
    for (const ir::TableName table : ir::kTables) kernel.table(family, table);
}

bool is_in_xtables(const FakeKernel& kernel) { return kernel.text().find("VRMR-") != std::string::npos; }

}  // namespace

TEST_CASE("nft: a load is one transaction for both families, between the settings") {
  FakeKernel kernel;
  give_settings(kernel);
  const auto report = apply::apply(kernel, with_settings(22), kNft);
  REQUIRE(report);
  CHECK(only(kernel.steps, {"lock", "write", "commit"}) ==
        Steps{"lock", "write net/ipv4/tcp_syncookies", "commit nft", "write net/ipv4/ip_forward"});
  CHECK(report->rules == with_settings(22).rule_count());
  CHECK_FALSE(is_in_xtables(kernel));
  const FakeNftTable& table = kernel.nft.tables.at(net::Family::Ipv6);
  CHECK(table.chains.at("filter_INPUT").is_base);
  CHECK(table.chains.at("filter_INPUT").drops);
  CHECK(table.chains.at("filter_VRMR-INPUT").rules == 2);
  CHECK(table.chains.at("nat_VRMR-PRE").rules == 1);
  CHECK(kernel.nft.tables.size() == 2);
}

TEST_CASE("nft: a reload keeps base chains and counters, exchanges rules and takes away what is not used any more") {
  FakeKernel kernel;
  give_settings(kernel);
  REQUIRE(apply::apply(kernel, with_settings(22), kNft));
  const auto before = kernel.nft.tables.at(net::Family::Ipv4);
  REQUIRE(apply::apply(kernel, accepting_ports({22, 80}), kNft));
  const auto& after = kernel.nft.tables.at(net::Family::Ipv4);
  CHECK(after.chains.at("filter_VRMR-INPUT").rules == 3);
  CHECK(after.chains.contains("nat_PREROUTING"));
  CHECK(after.chains.at("nat_PREROUTING").rules == 0);
  CHECK_FALSE(after.chains.contains("nat_VRMR-PRE"));
  for (const auto& [name, type] : before.objects)
    if (name.starts_with("rule-1-")) CHECK(after.objects.contains(name));
}

TEST_CASE("nft: sets that go on are not filled again, old ones go with the transaction that asks them no more") {
  FakeKernel kernel;
  const ir::Ruleset first = accepting_sources({"192.0.2.0/24", "198.51.100.7"});
  REQUIRE(apply::apply(kernel, first, kNft));
  const auto sets = kernel.nft.tables.at(net::Family::Ipv4).sets;
  REQUIRE(sets.size() == 1);
  REQUIRE(apply::apply(kernel, first, kNft));
  CHECK(kernel.nft.tables.at(net::Family::Ipv4).sets == sets);
  REQUIRE(apply::apply(kernel, accepting_sources({"192.0.2.0/24"}), kNft));
  const auto& after = kernel.nft.tables.at(net::Family::Ipv4).sets;
  CHECK(after.size() == 1);
  CHECK(after != sets);
}

TEST_CASE("nft: chains of the user's own stay with their rules through apply and clear") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "INPUT").jump("VRMR-INPUT");
  ruleset.ipv4.table(ir::TableName::Filter).chain_named("PRE-VRMR-INPUT", ir::ChainKind::Foreign);
  REQUIRE(apply::apply(kernel, ruleset, kNft));
  auto& chains = kernel.nft.tables.at(net::Family::Ipv4).chains;
  REQUIRE(chains.contains("filter_PRE-VRMR-INPUT"));
  chains.at("filter_PRE-VRMR-INPUT").rules = 3;
  REQUIRE(apply::apply(kernel, ruleset, kNft));
  CHECK(kernel.nft.tables.at(net::Family::Ipv4).chains.at("filter_PRE-VRMR-INPUT").rules == 3);

  const auto cleared = apply::clear(kernel);
  REQUIRE(cleared);
  CHECK(cleared->warnings.size() == 1);
  const auto& left = kernel.nft.tables.at(net::Family::Ipv4).chains;
  CHECK(left.at("filter_PRE-VRMR-INPUT").rules == 3);
  CHECK(left.at("filter_INPUT").rules == 0);
  CHECK_FALSE(left.at("filter_INPUT").drops);
  CHECK_FALSE(left.contains("filter_VRMR-INPUT"));
  CHECK_FALSE(*kernel.has_nft_chains());
}

TEST_CASE("nft: clear takes the tables away, and leaves them open while packets wait in queues") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22}), kNft));
  kernel.nft.waiting = 1;
  const auto waiting = apply::clear(kernel);
  REQUIRE(waiting);
  CHECK(waiting->warnings ==
        std::vector<std::string>{"nf_tables keeps the tables \"vuurmuur\", which let everything pass: packets wait in "
                                 "queues, or chains of the user's own have rules"});
  CHECK(kernel.nft.text() == "ip\n  filter_INPUT base accept 0\nip6\n  filter_INPUT base accept 0\n");
  kernel.nft.waiting = 0;
  const auto cleared = apply::clear(kernel);
  REQUIRE(cleared);
  CHECK(cleared->warnings.empty());
  CHECK(kernel.nft.tables.empty());
}

TEST_CASE("nft: a failure at any step leaves rules and settings as they were") {
  for (const bool is_first : {true, false}) {
    const auto prepare = [&](FakeKernel& kernel) {
      give_settings(kernel);
      make_tables(kernel);
      if (!is_first) REQUIRE(apply::apply(kernel, accepting_ports({1000}), kNft));
      kernel.steps.clear();
    };
    FakeKernel whole;
    prepare(whole);
    REQUIRE(apply::apply(whole, with_settings(22), kNft));
    for (std::size_t i = 0; i < whole.steps.size(); ++i) {
      INFO((is_first ? "first load, " : "reload, ") << "step " << i << ": " << whole.steps[i]);
      FakeKernel kernel;
      prepare(kernel);
      const std::string before = state_of(kernel);
      const auto files = kernel.file_system.files;
      kernel.fault = [i, at = std::size_t{0}](const std::string&) mutable { return at++ == i ? EIO : 0; };
      const auto report = apply::apply(kernel, with_settings(22), kNft);
      REQUIRE_FALSE(report);
      CHECK(report.error().code == EIO);
      CHECK(state_of(kernel) == before);
      CHECK(kernel.file_system.files == files);
    }
  }
}

TEST_CASE("nft: what another program changes meanwhile is read again, five times") {
  FakeKernel kernel;
  int changes = 4;
  kernel.fault = [&](const std::string& step) {
    if (step == "commit nft" && changes-- > 0) ++kernel.nft.generation;
    return 0;
  };
  REQUIRE(apply::apply(kernel, accepting_ports({22}), kNft));
  CHECK(only(kernel.steps, {"commit nft"}).size() == 5);
  changes = 5;
  kernel.steps.clear();
  const std::string before = kernel.nft.text();
  const auto report = apply::apply(kernel, accepting_ports({80}), kNft);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "load nf_tables: another program changes it all the time");
  CHECK(kernel.nft.text() == before);
}

TEST_CASE("nft: a refusal names the rule, its line and its text") {
  for (const bool comments : {true, false}) {
    FakeKernel kernel;
    kernel.nft.refused_name = "filter_VRMR-INPUT";
    kernel.nft.refused_code = EOPNOTSUPP;
    ir::Ruleset ruleset;
    set_policy_drop(ruleset, ir::Hook::Input);
    ChainBuilder(ruleset, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT").accept_port(22, 7);
    Options options = kNft;
    options.comments = comments;
    kernel.nft.tables[net::Family::Ipv4].chains["filter_VRMR-INPUT"] = {};
    const auto report = apply::apply(kernel, ruleset, options);
    REQUIRE_FALSE(report);
    CHECK(report.error().code == EOPNOTSUPP);
    CHECK(report.error().message.find("(IPv4): the kernel refused ") != std::string::npos);
  }
}

TEST_CASE("a change to nft loads it before xtables goes, and the other way round without a guard") {
  FakeKernel kernel;
  give_settings(kernel);
  REQUIRE(apply::apply(kernel, with_settings(22)));
  kernel.steps.clear();
  REQUIRE(apply::apply(kernel, with_settings(22), kNft));
  const Steps to_nft = only(kernel.steps, {"commit"});
  REQUIRE_FALSE(to_nft.empty());
  CHECK(to_nft.front() == "commit nft");
  CHECK(std::ranges::count(to_nft, "commit filter4") == 1);
  CHECK_FALSE(is_in_xtables(kernel));
  CHECK(kernel.text().find("DROP") == std::string::npos);
  CHECK(*loaded_engine(kernel) == Backend::Nft);

  kernel.steps.clear();
  kernel.fault = [&](const std::string& step) {
    if (step.starts_with("commit filter")) CHECK(kernel.text().find("vuurmuur: applying") == std::string::npos);
    return 0;
  };
  REQUIRE(apply::apply(kernel, with_settings(22)));
  const Steps to_xtables = only(kernel.steps, {"commit"});
  CHECK(to_xtables == Steps{"commit nat6", "commit nat4", "commit filter6", "commit filter4", "commit nft"});
  CHECK(kernel.nft.tables.empty());
  CHECK(*loaded_engine(kernel) == Backend::Xtables);
}

TEST_CASE("a change to nft tells of rules of the user's own that stay behind in xtables") {
  FakeKernel kernel;
  ir::Ruleset ruleset = accepting_ports({22});
  for (const char* chain : {"PRE-VRMR-INPUT", "PRE-VRMR-OUTPUT"})
    ruleset.ipv4.table(ir::TableName::Filter).chain_named(chain, ir::ChainKind::Foreign);
  REQUIRE(apply::apply(kernel, ruleset));
  kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "PRE-VRMR-INPUT", "DROP");
  const auto report = apply::apply(kernel, ruleset, kNft);
  REQUIRE(report);
  CHECK(report->warnings ==
        std::vector<std::string>{
            "chain PRE-VRMR-INPUT of table filter (IPv4) in xtables has rules of the user's own that are not asked any "
            "more: they would have to stand in chain filter_PRE-VRMR-INPUT of nf_tables"});
}

TEST_CASE("a failure at any step of a change of engines leaves the old one in force alone") {
  for (const Backend from : {Backend::Xtables, Backend::Nft}) {
    const Options old{.backend = from};
    const Options next{.backend = from == Backend::Xtables ? Backend::Nft : Backend::Xtables};
    const auto prepare = [&](FakeKernel& kernel) {
      give_settings(kernel);
      make_tables(kernel);
      REQUIRE(apply::apply(kernel, accepting_sources({"192.0.2.0/24", "198.51.100.7"}), old));
      kernel.steps.clear();
    };
    FakeKernel whole;
    prepare(whole);
    REQUIRE(apply::apply(whole, with_settings(80), next));
    for (std::size_t i = 0; i < whole.steps.size(); ++i) {
      INFO("from " << to_string(from) << ", step " << i << ": " << whole.steps[i]);
      FakeKernel kernel;
      prepare(kernel);
      const std::string before = state_of(kernel);
      kernel.fault = [i, at = std::size_t{0}](const std::string&) mutable { return at++ == i ? EIO : 0; };
      const auto report = apply::apply(kernel, with_settings(80), next);
      if (report) {
        // What is left over is told; nothing that decides about packets.
        CHECK_FALSE(report->warnings.empty());
        continue;
      }
      CHECK(report.error().code == EIO);
      CHECK(state_of(kernel) == before);
    }
  }
}

TEST_CASE("nft: live connections keep the way of queueing that the rules have for them") {
  FakeKernel kernel;
  const ir::MarkLayout layout;
  kernel.marks = {layout.encode({ir::MarkKind::Queued, 7}), layout.encode({ir::MarkKind::Queued, 9})};
  kernel.nft.queues[net::Family::Ipv6] = {{.first = 7, .last = 9, .bypass = true}};
  const auto queues = live_queues(kernel, layout);
  REQUIRE(queues);
  CHECK(*queues == std::vector<ir::NfqueueTarget>{{.first = 7, .last = 9, .bypass = true}, {.first = 9, .last = 9}});
}

TEST_CASE("nft: what a rule has taken is what its counter says") {
  FakeKernel kernel;
  kernel.nft.counters[net::Family::Ipv4] = {{"rule 10: accept b", {5, 500}}, {"rule 9: accept a", {1, 100}}};
  kernel.nft.counters[net::Family::Ipv6] = {{"rule 10: accept b", {2, 200}}};
  const auto counters = read_counters(kernel, Options().state_directory);
  REQUIRE(counters);
  REQUIRE(counters->size() == 2);
  CHECK((*counters)[0].origin == "rule 9: accept a");
  CHECK((*counters)[1].both() == Counters{7, 700});
}
