// SPDX-License-Identifier: GPL-2.0-or-later
// Loads of the rules of one family, where those of the other are in force already.
#include "apply/apply.h"
#include "apply/nft_memory.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "steps.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using Steps = std::vector<std::string>;
constexpr auto kFilter = ir::TableName::Filter;

Options ipv6_only(Options options) {
  options.families = {net::Family::Ipv6};
  return options;
}

}  // namespace

TEST_CASE("xtables: tables of a family that is not loaded are neither read nor written") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22})));
  const std::string ipv4 = kernel.text(net::Family::Ipv4, kFilter);
  kernel.steps.clear();
  const auto report = apply::apply(kernel, accepting_ports({22, 80}), ipv6_only({}));
  REQUIRE(report);
  CHECK(only(kernel.steps, {"open", "commit"}) == Steps{"open filter6", "commit filter6"});
  CHECK(kernel.text(net::Family::Ipv4, kFilter) == ipv4);
  CHECK(report->rules == accepting_ports({22, 80}).rule_count());
}

TEST_CASE("xtables: sets of a family that is not loaded stay") {
  FakeKernel kernel;
  const ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24", "198.51.100.7"});
  REQUIRE(apply::apply(kernel, ruleset));
  const auto sets = kernel.set_names();
  REQUIRE(sets.size() == 1);
  REQUIRE(apply::apply(kernel, ruleset, ipv6_only({})));
  CHECK(kernel.set_names() == sets);
}

TEST_CASE("nft: a family that is not loaded stays, and stays remembered") {
  FakeKernel kernel;
  NftMemory memory;
  const Options options{.backend = Backend::Nft, .nft_memory = &memory};
  REQUIRE(apply::apply(kernel, accepting_ports({22}), options));
  const FakeNftTable ipv4 = kernel.nft.tables.at(net::Family::Ipv4);
  kernel.steps.clear();
  // Without a new origin, whose counter could begin with what another counted.
  ir::Ruleset more = accepting_ports({22});
  ir::Table& filter = more.ipv6.table(kFilter);
  filter.append(*filter.find("VRMR-INPUT"), filter.chain(*filter.find("VRMR-INPUT")).rules.back());
  REQUIRE(apply::apply(kernel, more, ipv6_only(options)));
  CHECK(kernel.nft.tables.at(net::Family::Ipv4) == ipv4);
  CHECK(kernel.nft.tables.at(net::Family::Ipv6).chains.at("filter_VRMR-INPUT").rules == 3);
  REQUIRE(apply::apply(kernel, more, options));
  CHECK(only(kernel.steps, {"read nft"}).empty());
}

TEST_CASE("nft: what another program did to a family that is not loaded is read before it is loaded") {
  FakeKernel kernel, other;
  NftMemory memory;
  const Options options{.backend = Backend::Nft, .nft_memory = &memory};
  REQUIRE(apply::apply(kernel, accepting_ports({22}), options));
  REQUIRE(apply::apply(other, accepting_ports({22, 80}), {.backend = Backend::Nft}));
  kernel.nft.tables.at(net::Family::Ipv4).chains.at("filter_VRMR-INPUT") = {};
  ++kernel.nft.generation;
  REQUIRE(apply::apply(kernel, accepting_ports({22, 80}), ipv6_only(options)));
  CHECK(kernel.nft.tables.at(net::Family::Ipv4).chains.at("filter_VRMR-INPUT").rules == 0);
  REQUIRE(apply::apply(kernel, accepting_ports({22, 80}), options));
  CHECK(kernel.nft.tables == other.nft.tables);
}

TEST_CASE("nothing is left out where rules of ours are in the other engine") {
  for (const Backend backend : {Backend::Xtables, Backend::Nft}) {
    CAPTURE(to_string(backend));
    FakeKernel kernel, other;
    const Backend before = backend == Backend::Nft ? Backend::Xtables : Backend::Nft;
    REQUIRE(apply::apply(kernel, accepting_ports({22}), {.backend = before}));
    REQUIRE(apply::apply(other, accepting_ports({22}), {.backend = before}));
    REQUIRE(apply::apply(kernel, accepting_ports({80}), ipv6_only({.backend = backend})));
    REQUIRE(apply::apply(other, accepting_ports({80}), {.backend = backend}));
    CHECK(kernel.text() == other.text());
    CHECK(kernel.nft.tables == other.nft.tables);
  }
}
