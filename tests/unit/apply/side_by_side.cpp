// SPDX-License-Identifier: GPL-2.0-or-later
// Large tables of the two families are loaded by two threads: whatever the order in which their steps come, what holds
// for one after the other holds.
#include <algorithm>
#include <cerrno>

#include "apply/apply.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

using enum ir::TableName;

const Options kSideBySide{.worth_thread = 0};

/// With rules in all tables of both families.
ir::Ruleset whole_ruleset(std::uint16_t port) {
  ir::Ruleset ruleset = accepting_ports({port});
  for (const ir::TableName table : {Raw, Mangle, Nat}) add_prerouting_port(ruleset, table, port);
  return ruleset;
}

std::vector<std::string> commits(const FakeKernel& kernel) {
  std::vector<std::string> found;
  std::ranges::copy_if(kernel.steps, std::back_inserter(found),
                       [](const std::string& step) { return step.starts_with("commit"); });
  return found;
}

/// A kernel with one generation in force, and somebody else's rules.
void prepare(FakeKernel& kernel) {
  kernel.add_foreign(net::Family::Ipv4, Nat, "DOCKER", "RETURN", {1, 2});
  kernel.add_foreign(net::Family::Ipv6, Filter, "INPUT", "DROP", {3, 4}, "eth0");
  REQUIRE(apply::apply(kernel, whole_ruleset(22)));
  kernel.steps.clear();
}

}  // namespace

TEST_CASE("both families side by side end as one after the other") {
  FakeKernel one, other;
  prepare(one);
  prepare(other);
  REQUIRE(apply::apply(one, whole_ruleset(80)));
  REQUIRE(apply::apply(other, whole_ruleset(80), kSideBySide));
  CHECK(one.text() == other.text());
  std::vector<std::string> one_by_one = commits(one), together = commits(other);
  REQUIRE(one_by_one.size() == together.size());
  // Pairs stay pairs: no family is a step ahead.
  for (std::size_t i = 0; i + 1 < one_by_one.size(); i += 2) {
    std::ranges::sort(one_by_one.begin() + static_cast<std::ptrdiff_t>(i),
                      one_by_one.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    std::ranges::sort(together.begin() + static_cast<std::ptrdiff_t>(i),
                      together.begin() + static_cast<std::ptrdiff_t>(i) + 2);
  }
  CHECK(one_by_one == together);
}

TEST_CASE("a family that fails takes the other, which was loaded beside it, back") {
  FakeKernel whole;
  prepare(whole);
  REQUIRE(apply::apply(whole, whole_ruleset(80)));
  const std::vector<std::string> all = commits(whole);
  REQUIRE(all.size() == 14);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto which = std::count(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]);
    INFO(all[i] << ", the one behind " << which << " others");
    FakeKernel kernel;
    prepare(kernel);
    const std::string before = kernel.text();
    std::ptrdiff_t seen = 0;
    kernel.fault = [&](const std::string& step) { return step == all[i] && seen++ == which ? EIO : 0; };
    const auto report = apply::apply(kernel, whole_ruleset(80), kSideBySide);
    REQUIRE_FALSE(report);
    CHECK(report.error().code == EIO);
    CHECK(kernel.text() == before);
  }
}

TEST_CASE("when both families are refused, one is told of") {
  FakeKernel kernel;
  prepare(kernel);
  const std::string before = kernel.text();
  kernel.fault = [](const std::string& step) { return step.starts_with("commit filter") ? ENOMEM : 0; };
  const auto report = apply::apply(kernel, whole_ruleset(80), kSideBySide);
  REQUIRE_FALSE(report);
  CHECK(report.error().message == "load table filter (IPv6): commit filter6: cannot allocate memory");
  CHECK(kernel.text() == before);
}

TEST_CASE("the refused rule is named, with what the kernel said, also when its family was loaded beside the other") {
  for (const net::Family family : net::kFamilies) {
    FakeKernel kernel;
    prepare(kernel);
    ir::Ruleset ruleset = whole_ruleset(80);
    ChainBuilder(ruleset, family, Filter, "VRMR-INPUT").accept_port(666, 7);
    kernel.refused_text = "--dport 666 ";
    kernel.complaints = {"x_tables: no port 666"};
    const auto report = apply::apply(kernel, ruleset, kSideBySide);
    REQUIRE_FALSE(report);
    CHECK(
        report.error().message ==
        "load " + describe(family, Filter) +
            ": the kernel refused rule 7: accept port 666 (rules/rules.conf:7): invalid argument: -A VRMR-INPUT -p tcp "
            "-m tcp --dport 666 -j ACCEPT (the kernel's log: x_tables: no port 666)");
  }
}

TEST_CASE("a table that somebody changes while both families are loaded is read and edited again") {
  for (const net::Family family : net::kFamilies) {
    FakeKernel kernel;
    REQUIRE(apply::apply(kernel, accepting_ports({22})));
    int changes = 0;
    kernel.fault = [&](const std::string& step) {
      if (step != "commit " + short_name(family, Filter) || changes++ > 0) return 0;
      kernel.add_foreign(family, Filter, "INPUT", "DROP", {1, 1}, "eth5");
      ++kernel.table(family, Filter).version;
      return 0;
    };
    REQUIRE(apply::apply(kernel, accepting_ports({80}), kSideBySide));
    CHECK(kernel.text(family, Filter).find("[1:1] -i eth5 -j DROP") != std::string::npos);
    for (const net::Family either : net::kFamilies)
      CHECK(kernel.text(either, Filter).find("--dport 80") != std::string::npos);
  }
}

TEST_CASE("a first load beside the other family is guarded") {
  FakeKernel kernel;
  std::vector<std::string> open;
  kernel.fault = [&](const std::string& step) {
    if (step != "commit nat4" && step != "commit nat6") return 0;
    for (const net::Family family : net::kFamilies)
      if (kernel.text(family, Filter).find("vuurmuur: applying") == std::string::npos) open.push_back(step);
    return 0;
  };
  REQUIRE(apply::apply(kernel, whole_ruleset(22), kSideBySide));
  CHECK(open.empty());
  CHECK(commits(kernel).size() == 10);
  for (const net::Family family : net::kFamilies)
    CHECK(kernel.text(family, Filter).find("vuurmuur: applying") == std::string::npos);
}
