// SPDX-License-Identifier: GPL-2.0-or-later
// Loads that know what the last one left in nf_tables: less is read and written, and the same is in force.
#include "apply/nft_memory.h"

#include <algorithm>
#include <cerrno>
#include <random>

#include "apply/apply.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

Options options_with(NftMemory* memory) { return {.backend = Backend::Nft, .nft_memory = memory}; }

std::size_t reads(const FakeKernel& kernel) {
  return static_cast<std::size_t>(
      std::ranges::count_if(kernel.steps, [](const std::string& step) { return step.starts_with("read nft"); }));
}

/// Some chains with some rules each, and sets, out of few: two of them have much alike.
ir::Ruleset random_ruleset(std::mt19937& random) {
  const auto below = [&](unsigned end) { return std::uniform_int_distribution<unsigned>(0, end - 1)(random); };
  std::vector<std::string> sources;
  for (unsigned i = 1 + below(3); i > 0; --i) sources.push_back("192.0.2." + std::to_string(1 + below(4)));
  std::ranges::sort(sources);
  sources.erase(std::ranges::unique(sources).begin(), sources.end());
  ir::Ruleset ruleset = below(3) == 0 ? accepting_sources(sources) : accepting_ports({22});
  for (const net::Family family : net::kFamilies)
    for (const char* chain : {"VRMR-A", "VRMR-B", "VRMR-C", "VRMR-D"}) {
      if (below(4) == 0) continue;
      ChainBuilder(ruleset, family, ir::TableName::Filter, "VRMR-INPUT").jump(chain);
      ChainBuilder builder(ruleset, family, ir::TableName::Filter, chain);
      for (unsigned i = 1 + below(3); i > 0; --i)
        builder.accept_port(static_cast<std::uint16_t>(1000 + below(3)), static_cast<int>(1 + below(3)));
    }
  if (below(2) == 0) set_policy_drop(ruleset, ir::Hook::Forward);
  return ruleset;
}

}  // namespace

TEST_CASE("nft: a load that knows what the last one left reads nothing and writes the chains that are another now") {
  FakeKernel kernel;
  NftMemory memory;
  const auto ruleset = [](std::uint16_t port) {
    ir::Ruleset rules = accepting_ports({22});
    for (const char* chain : {"VRMR-A", "VRMR-B"}) {
      ChainBuilder(rules, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT").jump(chain);
      ChainBuilder(rules, net::Family::Ipv4, ir::TableName::Filter, chain)
          .accept_port(chain == std::string("VRMR-A") ? port : std::uint16_t{80}, 7);
    }
    return rules;
  };
  const ir::Ruleset first = ruleset(1);
  REQUIRE(apply::apply(kernel, first, options_with(&memory)));
  CHECK(memory.generation == kernel.nft.generation);
  const std::size_t read = reads(kernel), written = kernel.nft.rules_written;
  const std::uint32_t generation = kernel.nft.generation;

  REQUIRE(apply::apply(kernel, first, options_with(&memory)));
  CHECK(reads(kernel) == read);
  CHECK(kernel.nft.rules_written == written);
  CHECK(kernel.nft.generation == generation);

  // One rule more in a chain, for an origin that counts already.
  ir::Ruleset more = first;
  ir::Table& filter = more.ipv4.table(ir::TableName::Filter);
  const ir::ChainId chain = *filter.find("VRMR-A");
  filter.append(chain, filter.chain(chain).rules.front());
  REQUIRE(apply::apply(kernel, more, options_with(&memory)));
  CHECK(reads(kernel) == read);
  CHECK(kernel.nft.rules_written == written + 2);
  CHECK(kernel.nft.tables.at(net::Family::Ipv4).chains.at("filter_VRMR-A").rules == 2);

  // A new origin, whose counter may begin with what another has counted.
  REQUIRE(apply::apply(kernel, ruleset(2), options_with(&memory)));
  CHECK(reads(kernel) == read + 2);
  CHECK(kernel.nft.rules_written == written + 3);
}

TEST_CASE("nft: what somebody else changed since, or what is not as it is remembered, is read") {
  FakeKernel kernel, other;
  NftMemory memory;
  const ir::Ruleset first = accepting_ports({22}), second = accepting_ports({22, 80});
  REQUIRE(apply::apply(kernel, first, options_with(&memory)));
  REQUIRE(apply::apply(other, second, options_with(nullptr)));

  SECTION("another program flushed a chain") {
    kernel.nft.tables.at(net::Family::Ipv4).chains.at("filter_VRMR-INPUT") = {};
    ++kernel.nft.generation;
  }
  SECTION("a table is gone and nobody told") { kernel.nft.tables.erase(net::Family::Ipv6); }
  SECTION("the last load failed") {
    kernel.nft.refused_name = "filter_VRMR-INPUT";
    kernel.nft.refused_code = EINVAL;
    CHECK_FALSE(apply::apply(kernel, second, options_with(&memory)));
    kernel.nft.refused_name.clear();
  }
  REQUIRE(apply::apply(kernel, second, options_with(&memory)));
  CHECK(kernel.nft.tables == other.nft.tables);
  CHECK(memory.generation == kernel.nft.generation);
}

TEST_CASE("nft: loads one after the other leave what one load would, whatever they remember") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    FakeKernel kernel, full;
    NftMemory memory;
    for (int step = 0; step < 12; ++step) {
      const ir::Ruleset ruleset = random_ruleset(random);
      if (std::uniform_int_distribution<>(0, 4)(random) == 0)
        for (FakeKernel* each : {&kernel, &full}) {
          for (auto& [family, table] : each->nft.tables)
            for (auto& [name, chain] : table.chains) chain.content.clear(), chain.rules = 0;
          ++each->nft.generation;
        }
      REQUIRE(apply::apply(kernel, ruleset, options_with(&memory)));
      REQUIRE(apply::apply(full, ruleset, options_with(nullptr)));
      REQUIRE(kernel.nft.tables == full.nft.tables);
    }
    CHECK(kernel.nft.rules_written < full.nft.rules_written);
  }
}

TEST_CASE("nft: sets that another program changed are filled anew when somebody says so, and only then") {
  FakeKernel kernel;
  NftMemory memory;
  const ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24", "198.51.100.7"});
  REQUIRE(apply::apply(kernel, ruleset, options_with(&memory)));
  auto& sets = kernel.nft.tables.at(net::Family::Ipv4).sets;
  const auto right = sets;
  REQUIRE(sets.size() == 1);
  sets.begin()->second += 1;
  ++kernel.nft.generation;
  REQUIRE(apply::apply(kernel, ruleset, options_with(&memory)));
  CHECK(kernel.nft.tables.at(net::Family::Ipv4).sets != right);
  Options checking = options_with(&memory);
  checking.checks_sets = true;
  REQUIRE(apply::apply(kernel, ruleset, checking));
  CHECK(kernel.nft.tables.at(net::Family::Ipv4).sets == right);
}
