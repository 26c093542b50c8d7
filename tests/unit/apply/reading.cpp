// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>

#include "apply/apply.h"
#include "apply/entry.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

TEST_CASE("a listing shows tables in order with policies, counters, texts and origins") {
  FakeKernel kernel;
  kernel.table(net::Family::Ipv4, ir::TableName::Mangle);
  kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "mine", "RETURN", {3, 4}, "eth0");
  REQUIRE(apply::apply(kernel, accepting_ports({22})));
  const auto tables = apply::list(kernel, apply::Options().state_directory);
  REQUIRE(tables);
  REQUIRE(tables->size() == 3);
  CHECK((*tables)[0].table == ir::TableName::Mangle);
  CHECK((*tables)[1].table == ir::TableName::Filter);
  CHECK((*tables)[1].family == net::Family::Ipv4);
  CHECK((*tables)[2].family == net::Family::Ipv6);
  const std::vector<ListedChain>& chains = (*tables)[1].chains;
  REQUIRE(chains.size() == 5);
  CHECK(chains[0].name == "INPUT");
  CHECK(chains[0].policy == "DROP");
  CHECK_FALSE(chains[0].own);
  CHECK(chains[3].name == "mine");
  CHECK(chains[3].policy.empty());
  CHECK(chains[3].rules.at(0).packets == 3);
  CHECK(chains[3].rules.at(0).bytes == 4);
  CHECK(chains[3].rules.at(0).text == "-i eth0 -j RETURN");
  CHECK(chains[4].own);
  CHECK(chains[4].rules.at(1).text == "-p tcp -m tcp --dport 22 -j ACCEPT");
  CHECK(chains[4].rules.at(1).origin == "rule 1: accept port 22");
}

TEST_CASE("live queues have the target that the rules have for them now, or a plain one") {
  FakeKernel kernel;
  const ir::MarkLayout layout;
  ir::Ruleset ruleset = accepting_ports({22});
  ChainBuilder own(ruleset, net::Family::Ipv6, ir::TableName::Filter, "VRMR-INPUT");
  own.add({.target = ir::NfqueueTarget{.first = 7, .last = 9, .bypass = true, .cpu_fanout = true}}, "rule 2");
  own.add({.target = ir::NfqueueTarget{.first = 65535, .last = 65535}}, "rule 3");
  REQUIRE(apply::apply(kernel, ruleset));
  kernel.marks = {layout.encode({ir::MarkKind::Queued, 65535}),          layout.encode({ir::MarkKind::Queued, 7}) | 1,
                  layout.encode({ir::MarkKind::Queued, 7}) | 0x40000000, layout.encode({ir::MarkKind::Logged, 3}),
                  layout.encode({ir::MarkKind::Queued, 1234}),           0};
  const auto queues = apply::live_queues(kernel, layout);
  REQUIRE(queues);
  CHECK(*queues == std::vector<ir::NfqueueTarget>{{.first = 7, .last = 9, .bypass = true, .cpu_fanout = true},
                                                  {.first = 1234, .last = 1234},
                                                  {.first = 65535, .last = 65535}});
}

TEST_CASE("a table that cannot be read makes the listing fail; one that the kernel has not got is left out") {
  FakeKernel kernel;
  kernel.table(net::Family::Ipv4, ir::TableName::Raw);
  kernel.table(net::Family::Ipv4, ir::TableName::Filter);
  kernel.fault = [](const std::string& step) { return step == "open raw4" ? ENOENT : 0; };
  REQUIRE(apply::list(kernel, apply::Options().state_directory));
  CHECK(apply::list(kernel, apply::Options().state_directory)->size() == 1);
  kernel.fault = [](const std::string& step) { return step == "open raw4" ? EPERM : 0; };
  REQUIRE_FALSE(apply::list(kernel, apply::Options().state_directory));
}
