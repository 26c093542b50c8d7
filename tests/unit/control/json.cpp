// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon tells and its clients read back.
#include <nlohmann/json.hpp>

#include "control/blocks_json.h"
#include "control/counters_json.h"
#include "control/listing_json.h"
#include "support/catch.h"

using namespace vuurmuur;
using Json = nlohmann::ordered_json;

TEST_CASE("a listing comes back as it was told") {
  const apply::ListedTable table{
      .engine = apply::Backend::Nft,
      .family = net::Family::Ipv6,
      .table = ir::TableName::Mangle,
      .chains = {{.name = "INPUT", .policy = "DROP", .packets = 7, .bytes = 700, .own = false, .rules = {}},
                 {.name = "VRMR-1", .own = true, .rules = {{1, 60, "-j ACCEPT", "rule 1"}, {0, 0, "drop", ""}}}}};
  const auto back = control::tables_from(Json::array({control::json_of(table)}));
  REQUIRE(back);
  REQUIRE(back->size() == 1);
  CHECK(control::json_of(back->front()) == control::json_of(table));
  CHECK(back->front().engine == apply::Backend::Nft);
  CHECK(back->front().chains[1].rules[0].bytes == 60);
  CHECK_FALSE(control::tables_from(Json::array({{{"table", "filter"}}})));
  CHECK_FALSE(control::tables_from(Json::parse(R"([{"engine":"nft","family":4,"table":"fliter","chains":[]}])")));
}

TEST_CASE("counters come back as they were told") {
  const std::vector<apply::RuleCounters> rules{{.origin = "rule 1: accept", .ipv4 = {1, 60}, .ipv6 = {2, 120}},
                                               {.origin = "rule 2: drop", .ipv4 = {}, .ipv6 = {}}};
  CHECK(control::json_of(rules, {}).dump() ==
        R"([{"rule":"rule 1: accept","packets":3,"bytes":180,"ipv4":{"packets":1,"bytes":60},"ipv6":{"packets":2,"bytes":120}},)"
        R"({"rule":"rule 2: drop","packets":0,"bytes":0,"ipv4":{"packets":0,"bytes":0},"ipv6":{"packets":0,"bytes":0}}])");
  CHECK(control::json_of(rules, net::Family::Ipv6)[0].dump() == R"({"rule":"rule 1: accept","packets":2,"bytes":120})");
  const auto back = control::counters_from(Json::parse(control::to_json(rules)));
  REQUIRE(back);
  CHECK(control::to_json(*back) == control::to_json(rules));
  CHECK_FALSE(control::counters_from(Json::parse(R"([{"rule":1}])")));
  CHECK_FALSE(control::counters_from(Json::parse(control::to_json(rules, net::Family::Ipv4))));
}

TEST_CASE("blocks come back with their time in whole seconds, rounded up") {
  using namespace std::chrono_literals;
  const control::Block host{.prefix = *net::Prefix::parse("192.0.2.7"), .left = 1500ms};
  const control::Block network{.prefix = *net::Prefix::parse("2001:db8::/32"), .left = {}};
  const Json told = Json::array({control::json_of(host), control::json_of(network)});
  CHECK(told ==
        Json::parse(R"([{"address":"192.0.2.7","seconds_left":2},{"address":"2001:db8::/32","seconds_left":null}])"));
  const auto back = control::blocks_from(told);
  REQUIRE(back);
  CHECK((*back)[0].left == 2s);
  CHECK((*back)[1].prefix == network.prefix);
  CHECK_FALSE((*back)[1].left);
  CHECK_FALSE(control::blocks_from(Json::parse(R"([{"address":"nobody","seconds_left":1}])")));
}
