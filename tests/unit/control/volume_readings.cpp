// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/volume_readings.h"

#include <nlohmann/json.hpp>

#include "control/volumes_json.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

TEST_CASE("a rule is called by what it says, and counts for its zones and its queue") {
  const std::vector<apply::RuleCounters> rules{
      {.origin = "rule 2: accept http from web.world.inet to lan.dmz", .ipv4 = {1, 60}, .ipv6 = {2, 160}},
      {.origin = "rule 3: nfqueue any from lan to firewall(any)", .ipv4 = {3, 180}, .ipv6 = {}},
      {.origin = "rule 9: accept http from web.world.inet to lan.dmz", .ipv4 = {4, 240}, .ipv6 = {}},
      {.origin = "protection: invalid packets", .ipv4 = {5, 300}, .ipv6 = {}}};
  const auto readings = readings_of(rules, {{"rule 3: nfqueue any from lan to firewall(any)", "5-8"}});
  using volumes::Kind;
  using volumes::Subject;
  REQUIRE(readings.size() == 4);
  CHECK(readings[0].subject == Subject{Kind::Rule, "accept http from web.world.inet to lan.dmz"});
  CHECK(readings[0].number == 2);
  CHECK(readings[0].counts == volumes::Pair{{1, 60}, {2, 160}});
  CHECK(readings[0].also == std::vector<Subject>{{Kind::Zone, "inet to dmz"}});
  CHECK(readings[1].also == std::vector<Subject>{{Kind::Zone, "lan to firewall"}, {Kind::Queue, "5-8"}});
  CHECK(readings[2].subject == Subject{Kind::Rule, "accept http from web.world.inet to lan.dmz #2"});
  CHECK(readings[3].subject == Subject{Kind::Rule, "protection: invalid packets"});
  CHECK(readings[3].also.empty());
  CHECK(readings[3].number == 0);
}

TEST_CASE("an interface has received and sent") {
  const auto readings = readings_of({{.name = "eth0", .received = {1, 2}, .sent = {3, 4}}});
  REQUIRE(readings.size() == 1);
  CHECK(readings[0].subject == volumes::Subject{volumes::Kind::Interface, "eth0"});
  CHECK(readings[0].counts == volumes::Pair{{1, 2}, {3, 4}});
}

TEST_CASE("volumes survive JSON") {
  const volumes::Found found{.volumes = {{.time = 1795683600, .name = "accept any from a to b", .number = 3, .counts = {{1, 2}, {3, 4}}},
                                         {.time = 1795683600, .name = "drop any from a to b", .counts = {{5, 6}, {}}}},
                             .is_complete = false};
  const auto document = json_of(found, volumes::Kind::Rule, volumes::Period::Day);
  CHECK(document.dump() ==
        R"({"by":"rule","period":"day","volumes":[{"time":1795683600,"name":"accept any from a to b","rule":3,"packets":4,)"
        R"("bytes":6,"ipv4":{"packets":1,"bytes":2},"ipv6":{"packets":3,"bytes":4}},{"time":1795683600,)"
        R"("name":"drop any from a to b","packets":5,"bytes":6,"ipv4":{"packets":5,"bytes":6},)"
        R"("ipv6":{"packets":0,"bytes":0}}],"complete":false})");
  const auto back = volumes_from(document, volumes::Kind::Rule);
  REQUIRE(back);
  CHECK(back->volumes == found.volumes);
  CHECK_FALSE(back->is_complete);
  CHECK_FALSE(volumes_from(document, volumes::Kind::Interface));
  CHECK_FALSE(volumes_from({{"volumes", 1}}, volumes::Kind::Rule));
}
