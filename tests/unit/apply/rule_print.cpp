// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/rule_print.h"

#include "apply/apply.h"
#include "fake_kernel.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

TEST_CASE("what others have and what rules count makes no difference") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22, 80})));
  const auto before = print_rules(kernel);
  REQUIRE(before);
  CHECK(before->tables.size() == 2);
  kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "mine", "RETURN", {3, 4}, "eth0");
  const auto now = print_rules(kernel);
  REQUIRE(now);
  CHECK(*now == *before);
  CHECK(differences(*before, *now).empty());
}

TEST_CASE("what is not as it was is told by table and chain") {
  FakeKernel kernel;
  REQUIRE(apply::apply(kernel, accepting_ports({22, 80})));
  const auto before = print_rules(kernel);
  const auto sizes = table_sizes(kernel);
  REQUIRE((before && sizes));

  REQUIRE(apply::apply(kernel, accepting_ports({22, 81})));
  auto changed = differences(*before, *print_rules(kernel));
  CHECK(changed.find("table filter (IPv4): chain VRMR-") == 0);
  CHECK(changed.find("was changed") != std::string::npos);
  CHECK(*table_sizes(kernel) == *sizes);

  REQUIRE(apply::apply(kernel, accepting_ports({22, 80, 81})));
  changed = differences(*before, *print_rules(kernel));
  CHECK(changed.find(" rules instead of ") != std::string::npos);
  CHECK(*table_sizes(kernel) != *sizes);

  REQUIRE(apply::clear(kernel));
  CHECK(differences(*before, *print_rules(kernel)) ==
        "table filter (IPv4): all of our chains are gone; table filter (IPv6): all of our chains are gone");
  CHECK(differences(*print_rules(kernel), *before).find("chains with names of ours were added") != std::string::npos);
}
