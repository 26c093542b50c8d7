// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/capacity.h"

#include <cerrno>

#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

TEST_CASE("a table whose rules cannot fit is refused, whatever memory there is") {
  ir::Ruleset ruleset;
  ir::Table& raw = ruleset.rules(net::Family::Ipv6).table(ir::TableName::Raw);
  const ir::ChainId chain = raw.chain_named("VRMR-PRE");
  // 208 bytes are the smallest rule of IPv6.
  raw.chain(chain).rules.resize(2'600'000, ir::Rule{.target = ir::DropTarget{}});
  const auto refused = check_capacity(ruleset, UINT64_MAX);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == E2BIG);
  CHECK(refused.error().message ==
        "table raw (IPv6) would have 2600000 entries of 540 MB together; the kernel takes at most 536 MB for a table");
  raw.chain(chain).rules.resize(2'500'000);
  CHECK(check_capacity(ruleset, UINT64_MAX));
}

TEST_CASE("rules and elements that need more memory than is left are refused") {
  ir::Ruleset ruleset = accepting_ports({});
  ir::Table& filter = ruleset.rules(net::Family::Ipv4).table(ir::TableName::Filter);
  filter.chain(filter.chain_named("VRMR-INPUT")).rules.resize(9'999, ir::Rule{.target = ir::DropTarget{}});
  // With the jump from INPUT 10,000 rules of 152 bytes, three times.
  constexpr std::uint64_t kRules = 3 * 10'000 * 152;
  CHECK(check_capacity(ruleset, kRules));
  CHECK(check_capacity(ruleset, std::nullopt));
  CHECK_FALSE(check_capacity(ruleset, kRules - 1));

  ir::Set set{.family = net::Family::Ipv4, .is_counted = true, .elements = {}};
  set.elements.resize(1'000'000);
  ruleset.sets.push_back(std::move(set));
  CHECK(check_capacity(ruleset, kRules + 20'000'000));
  const auto refused = check_capacity(ruleset, 10'000'000);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ENOMEM);
  CHECK(refused.error().message ==
        "a table of 10000 rules and 1000000 elements of sets need at least 24 MB of memory while they are loaded, and "
        "this machine has 10 MB left");
}

TEST_CASE("nf_tables takes any number of rules that there is memory for") {
  ir::Ruleset ruleset;
  ir::Table& raw = ruleset.rules(net::Family::Ipv6).table(ir::TableName::Raw);
  raw.chain(raw.chain_named("VRMR-PRE")).rules.resize(2'600'000, ir::Rule{.target = ir::DropTarget{}});
  CHECK(check_nft_capacity(ruleset, UINT64_MAX));
  CHECK(check_nft_capacity(ruleset, std::nullopt));
  const auto refused = check_nft_capacity(ruleset, 100'000'000);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ENOMEM);
  CHECK(
      refused.error().message ==
      "2600000 rules and 0 elements of sets need at least 384 MB of memory while they are loaded, and this machine has "
      "100 MB left");
}

TEST_CASE("the memory that is left is read from the text of /proc/meminfo") {
  CHECK(available_in("MemTotal:       24546132 kB\nMemFree:        15874128 kB\nMemAvailable:   21402424 kB\n") ==
        21402424ULL * 1024);
  CHECK_FALSE(available_in("MemTotal:       24546132 kB\n"));
  CHECK_FALSE(available_in("MemAvailable:   much kB\nMemAvailable: 18446744073709551615 kB\n"));
}
