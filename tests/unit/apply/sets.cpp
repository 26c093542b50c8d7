// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cerrno>
#include <set>

#include "apply/apply.h"
#include "apply/set_check.h"
#include "apply/set_support.h"
#include "fake_kernel.h"
#include "ir/set_content.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

std::size_t place_of(const FakeKernel& kernel, const std::string& step) {
  return static_cast<std::size_t>(std::ranges::find(kernel.steps, step) - kernel.steps.begin());
}

}  // namespace

TEST_CASE("sets are made before the rules that ask them, and go after those that asked them") {
  FakeKernel kernel;
  const ir::Ruleset before = accepting_sources({"192.0.2.1"}), after = accepting_sources({"192.0.2.2"});
  REQUIRE(apply::apply(kernel, before));
  CHECK(kernel.set_names() == std::vector<std::string>{before.sets[0].name});
  CHECK(kernel.text().find("-m set --match-set " + before.sets[0].name + " src") != std::string::npos);
  kernel.steps.clear();
  const auto report = apply::apply(kernel, after);
  REQUIRE(report);
  CHECK(report->warnings.empty());
  CHECK(kernel.set_names() == std::vector<std::string>{after.sets[0].name});
  CHECK(place_of(kernel, "create " + after.sets[0].name) < place_of(kernel, "commit filter4"));
  CHECK(place_of(kernel, "commit filter4") < place_of(kernel, "destroy " + before.sets[0].name));
}

TEST_CASE("a set whose content did not change is not made again") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_sources({"192.0.2.0/24"})));
  kernel.steps.clear();
  ir::Ruleset more = accepting_sources({"192.0.2.0/24"});
  ChainBuilder(more, net::Family::Ipv4, ir::TableName::Filter, "VRMR-INPUT").accept_port(80, 2);
  REQUIRE(apply::apply(kernel, more));
  for (const std::string& step : kernel.steps) {
    CHECK_FALSE(step.starts_with("create "));
    CHECK_FALSE(step.starts_with("destroy "));
  }
}

TEST_CASE("clear removes our sets and no others") {
  FakeKernel kernel;
  kernel.sets_by_index[3] = {.name = "blocklist", .members = {}};
  kernel.sets_by_index[4] = {.name = "vrmrother", .members = {}};
  REQUIRE(apply::apply(kernel, accepting_sources({"192.0.2.0/24"})));
  REQUIRE(kernel.set_names().size() == 3);
  REQUIRE(apply::clear(kernel));
  CHECK(kernel.set_names() == std::vector<std::string>{"blocklist", "vrmrother"});
}

TEST_CASE("a set of ours that somebody else's rule asks stays, with a warning") {
  FakeKernel kernel;
  const ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24"});
  REQUIRE(apply::apply(kernel, ruleset));
  const std::string name = ruleset.sets[0].name;
  kernel.fault = [&](const std::string& step) { return step == "destroy " + name ? EBUSY : 0; };
  const auto report = apply::clear(kernel);
  REQUIRE(report);
  CHECK(report->warnings ==
        std::vector<std::string>{"set " + name +
                                 " is not used any more, but a rule or set that is not Vuurmuur's asks it; it stays"});
}

TEST_CASE("a set that cannot be made is told with its rule, and nothing changes") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_sources({"192.0.2.1"})));
  const std::string tables = kernel.text();
  const auto sets = kernel.set_names();
  ir::Ruleset after = accepting_sources({"192.0.2.2"});
  const std::string other = add_set(after, source_set(after, net::Family::Ipv6, {"2001:db8::/32"}, "other"));
  kernel.fault = [&](const std::string& step) { return step == "create " + other ? ENOMEM : 0; };
  const auto report = apply::apply(kernel, after);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "load set " + other +
                                      " of rule 1: accept any from list (rules/rules.conf:1): create " + other +
                                      ": cannot allocate memory");
  CHECK(kernel.text() == tables);
  CHECK(kernel.set_names() == sets);
}

TEST_CASE("a failure at any step leaves tables and sets as they were") {
  const ir::Ruleset before = accepting_sources({"192.0.2.1"}), after = accepting_sources({"192.0.2.2", "192.0.2.3"});
  for (std::size_t i = 0; i < 100; ++i) {
    FakeKernel kernel;
    REQUIRE(apply::apply(kernel, before));
    const std::string tables = kernel.text();
    kernel.steps.clear();
    kernel.fault = [i, at = std::size_t{0}](const std::string&) mutable { return at++ == i ? EIO : 0; };
    if (apply::apply(kernel, after)) {
      CHECK(kernel.steps.size() >= i);
      if (kernel.steps.size() == i) return;  // every step has failed once
      continue;                              // a failure after the commits is a warning
    }
    INFO("step " << i << ": " << kernel.steps.at(i));
    CHECK(kernel.text() == tables);
    CHECK(kernel.set_names() == std::vector<std::string>{before.sets[0].name});
  }
  FAIL("an apply of one set took more than 100 steps");
}

TEST_CASE("the sets of a family that the kernel has not got are left out") {
  FakeKernel kernel;
  kernel.has_ipv6 = false;
  ir::Ruleset ruleset = accepting_ports({22});
  add_set(ruleset, source_set(ruleset, net::Family::Ipv6, {"2001:db8::/32"}, "sources"));
  REQUIRE(apply::apply(kernel, ruleset));
  CHECK(kernel.set_names().empty());
}

TEST_CASE("a rule that asks a set is found when the kernel refuses it") {
  FakeKernel kernel;
  const ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24"});
  kernel.refused_text = "--match-set";
  const auto report = apply::apply(kernel, ruleset);
  REQUIRE_FALSE(report);
  CHECK(report.error().message ==
        "load table filter (IPv4): the kernel refused rule 1: accept any from list: invalid argument: -A VRMR-INPUT -m "
        "set --match-set " +
            ruleset.sets[0].name + " src -j ACCEPT");
  CHECK(kernel.set_names().empty());
}

TEST_CASE("a listing names the sets that rules ask") {
  FakeKernel kernel;
  const ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24"});
  REQUIRE(apply::apply(kernel, ruleset));
  const auto tables = apply::list(kernel, apply::Options().state_directory);
  REQUIRE(tables);
  CHECK((*tables)[0].chains.back().rules.back().text ==
        "-m set --match-set " + ruleset.sets[0].name + " src -j ACCEPT");
}

TEST_CASE("the kernel is asked once for each type of set") {
  FakeKernel kernel;
  kernel.missing_set_types = {"hash:net,net"};
  const auto prefix = [](const char* text) { return *net::Prefix::parse(text); };
  const ir::Set pairs{.key = ir::SetKey::SourceDestination,
                      .elements = {{.source = prefix("192.0.2.1/32"), .destination = prefix("192.0.2.2/32")}}};
  const ir::Set list{.elements = {{.source = prefix("192.0.2.1/32")}}};
  SetSupport xtables(kernel, Backend::Xtables);
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(xtables.can_hold(pairs));
    CHECK(xtables.can_hold(list));
  }
  CHECK(kernel.asked_set_types == 2);
  SetSupport nft(kernel, Backend::Nft);
  CHECK(nft.can_hold(pairs));
  CHECK(kernel.asked_set_types == 2);
}

TEST_CASE(
    "a set that another program changed does not hold what its name tells, and is exchanged when it is looked at") {
  FakeKernel kernel;
  const ir::Ruleset ruleset = accepting_sources({"192.0.2.0/24", "198.51.100.7", "0.0.0.0/0"});
  REQUIRE(apply::apply(kernel, ruleset));
  REQUIRE(kernel.sets_by_index.size() == 1);
  CHECK(changed_sets(kernel)->empty());
  const auto right = kernel.sets_by_index;
  const std::string name = right.begin()->second.name;

  auto& members = kernel.sets_by_index.begin()->second.members;
  SECTION("one is there too many") {
    members.push_back({.element = {.source = *net::Prefix::parse("203.0.113.9")}, .counters = {}, .comment = {}});
  }
  SECTION("one is missing") { members.pop_back(); }
  SECTION("one is another") { members.front().element.source = *net::Prefix::parse("203.0.113.9"); }
  SECTION("all are gone") { members.clear(); }
  CHECK(*changed_sets(kernel) == std::vector{name});
  REQUIRE(apply::apply(kernel, ruleset));
  CHECK(*changed_sets(kernel) == std::vector{name});
  REQUIRE(apply::apply(kernel, ruleset, {.checks_sets = true}));
  CHECK(changed_sets(kernel)->empty());
  CHECK(kernel.sets_by_index.begin()->first == right.begin()->first);
  CHECK(kernel.sets_by_index.size() == 1);
}

TEST_CASE("the order of elements does not matter to the name of a set, what they are does") {
  ir::Ruleset ruleset;
  const ir::Set one = source_set(ruleset, net::Family::Ipv4, {"192.0.2.1", "192.0.2.2"}, "x"),
                other = source_set(ruleset, net::Family::Ipv4, {"192.0.2.2", "192.0.2.1"}, "x"),
                less = source_set(ruleset, net::Family::Ipv4, {"192.0.2.2"}, "x");
  CHECK(one.name == other.name);
  CHECK(one.name != less.name);
  // As those of pairs whose last bits are exchanged.
  std::set<std::uint64_t> contents;
  for (std::uint16_t a = 0; a < 32; ++a)
    for (std::uint16_t b = 0; b < 32; ++b) {
      std::vector<ir::SetElement> pair(2);
      for (std::size_t i = 0; i < 2; ++i) {
        pair[i].source = *net::Prefix::parse("192.0.2." + std::to_string(1 + i));
        pair[i].port = ir::ProtocolPort{.protocol = net::Protocol::Tcp, .port = i == 0 ? a : b};
      }
      contents.insert(ir::content_hash(pair));
    }
  CHECK(contents.size() == 1024);
  CHECK(ir::content_told_by(one.name) == ir::content_hash(other.elements));
  CHECK_FALSE(ir::content_told_by(ir::timed_set(net::Family::Ipv4, ir::SetUse::TimedHosts).name));
}
