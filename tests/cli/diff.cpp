// SPDX-License-Identifier: GPL-2.0-or-later
// What differs between generations and the configuration.
#include <nlohmann/json.hpp>

#include "helpers/firewall.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Firewall;
using vuurmuur::test::Outcome;
using vuurmuur::test::TemporaryDirectory;

namespace {

constexpr auto kBoth =
    "accept service http from world.inet to firewall\naccept service any from world.inet to firewall";

}  // namespace

TEST_CASE("the generation in force is held against the configuration, and two generations against each other") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  const Outcome same = firewall.run({"diff"});
  CHECK(same.status == 0);
  CHECK(same.out.empty());
  CHECK(firewall.run({"diff", "--rules"}).status == 0);

  firewall.tree.rules(kBoth);
  firewall.tree.write("services/https", "ACTIVE=\"Yes\"\nRANGE=\"6;443\"\n");
  const Outcome differs = firewall.run({"diff"});
  CHECK(differs.status == 1);
  const std::string directory = firewall.tree.path().string();
  const std::string expected =
      "--- generation-1/rules/rules.conf\n+++ " + directory +
      "/rules/rules.conf\n@@ -1 +1,2 @@\n RULE=\"accept service http from world.inet to "
      "firewall\"\n+RULE=\"accept service any from world.inet to firewall\"\n--- /dev/null\n+++ " +
      directory + "/services/https\n@@ -0,0 +1,2 @@\n+ACTIVE=\"Yes\"\n+RANGE=\"6;443\"\n";
  CHECK(differs.out == expected);
  const Outcome rules = firewall.run({"diff", "1", "--rules"});
  CHECK(rules.status == 1);
  CHECK(rules.out.starts_with("--- generation-1/ruleset\n+++ " + directory + "/ruleset\n@@ "));
  CHECK(rules.out.find("accept any from world.inet to firewall") != std::string::npos);

  REQUIRE(firewall.apply().status == 0);
  CHECK(firewall.run({"diff"}).status == 0);
  const auto document = firewall.json({"diff", "1", "2"});
  CHECK(document.at("generation") == 1);
  CHECK(document.at("with") == 2);
  REQUIRE(document.at("differences").size() == 2);
  CHECK(document.at("differences")[0].at("path") == "rules/rules.conf");
  CHECK(document.at("differences")[1].at("kind") == "added");
  CHECK(firewall.run({"diff", "2", "2"}).status == 0);
  CHECK(firewall.run({"diff", "--rules", "2", "2"}).status == 0);
  CHECK(firewall.run({"diff", "2", "1", "--rules"}).out.find("\n-") != std::string::npos);
}

TEST_CASE("patch makes one generation of the other") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  firewall.tree.write("zones/inet/networks/world/hosts/new.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"192.0.2.99\"");
  REQUIRE(firewall.apply().status == 0);
  const TemporaryDirectory room;
  room.write("difference", firewall.run({"diff", "1", "2"}).out);
  REQUIRE(firewall.run({"show", "1", "--extract=" + (room.path() / "one").string()}).status == 0);
  REQUIRE(firewall.run({"show", "2", "--extract=" + (room.path() / "two").string()}).status == 0);
  vuurmuur::lab::run_ok(
      {"patch", "-s", "-p1", "-d", (room.path() / "one").string(), "-i", (room.path() / "difference").string()});
  CHECK(vuurmuur::lab::run_ok({"diff", "-r", (room.path() / "one").string(), (room.path() / "two").string()}).empty());
}

TEST_CASE("a configuration with errors can be compared, but not its rules") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules("accept service htpp from world.inet to firewall");
  CHECK(firewall.run({"diff"}).out.find("+RULE=\"accept service htpp from") != std::string::npos);
  const Outcome rules = firewall.run({"diff", "--rules"});
  CHECK(rules.status == 2);
  CHECK(rules.err.find("the configuration has errors; 'vuurmuur check' tells which") != std::string::npos);
}

TEST_CASE("trouble ends with status 2, so that it is never taken for a difference") {
  const Firewall firewall;
  CHECK(firewall.run({"diff"}).status == 2);
  CHECK(firewall.run({"diff"}).err == "vuurmuur: error: no generation is in force\n");
  REQUIRE(firewall.apply().status == 0);
  CHECK(firewall.run({"diff", "7"}).status == 2);
  CHECK(firewall.run({"diff", "1", "7"}).status == 2);
  CHECK(firewall.run({"diff", "x"}).status == 2);
  CHECK(firewall.run({"diff", "--ruels"}).status == 2);
  CHECK(firewall.run({"diff", "1", "1", "1"}).status == 2);
}

TEST_CASE("differences have colours on a terminal only") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  const vuurmuur::test::Call call{.arguments = {"diff"},
                                  .environment = {{"VUURMUUR_STATE_DIR", firewall.state().string()}}};
  CHECK(vuurmuur::test::vuurmuur(call).out.find('\033') == std::string::npos);
  CHECK(vuurmuur_on_terminal(call).out.find("\033[32m+RULE=") != std::string::npos);
}

TEST_CASE("which packets are treated otherwise, of generations and directories") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  const std::string directory = firewall.tree.path().string();
  const Outcome same = firewall.run({"diff", "--traffic"});
  CHECK(same.status == 0);
  CHECK(same.out == "--- generation 1\n+++ " + directory + "\nevery first packet is treated the same\n");
  CHECK(firewall.run({"diff", directory, directory}).status == 0);

  // A rule that another one is the same as is no difference.
  firewall.tree.rules(std::string(kBoth) + "\naccept service http from world.inet to firewall");
  const Outcome more = firewall.run({"diff", "--traffic", "1"});
  CHECK(more.status == 1);
  CHECK(more.err.empty());
  INFO(more.out);
  CHECK(more.out.find("newly allowed:\n  before   no rule: the policy of the chain drops it\n  after    "
                      "rules/rules.conf:2: accept any from "
                      "world.inet to firewall\n  packets  input, in ") != std::string::npos);
  CHECK(more.out.find("\n  example  ") != std::string::npos);
  CHECK(more.out.find("newly blocked") == std::string::npos);
  CHECK(firewall.run({"diff", directory}).out == more.out);

  const auto document = firewall.json({"diff", "1", directory});
  CHECK(document.at("before") == "generation 1");
  CHECK(document.at("equal") == false);
  CHECK(document.at("unfinished") == 0);
  REQUIRE(document.at("rows").size() == 1);
  const auto& row = document.at("rows")[0];
  CHECK(row.at("change") == "allowed");
  CHECK(row.at("before").is_null());
  CHECK(row.at("after").at("number") == 2);
  CHECK(row.at("outline") == false);
  CHECK(row.at("traffic")[0].at("chain") == "input");
  CHECK(row.at("example").at("text").get<std::string>().starts_with("tcp "));

  // The other way round, once it is in force.
  REQUIRE(firewall.apply().status == 0);
  CHECK(firewall.run({"diff", "--traffic", "2", "1"}).out.find("newly blocked:") != std::string::npos);
}

TEST_CASE("what cannot be compared is told and not taken for equal") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(
      "accept service http from world.inet to firewall\naccept service any from world.inet to firewall options "
      "limit=\"1/sec\"");
  const Outcome limited = firewall.run({"diff", "--traffic"});
  CHECK(limited.status == 1);
  CHECK(limited.out.find(
            "not compared: rules/rules.conf:2: accept any from world.inet to firewall: is only in the one after\n") !=
        std::string::npos);
  firewall.tree.rules("accept service htpp from world.inet to firewall");
  const Outcome wrong = firewall.run({"diff", "--traffic"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err.find("the configuration has errors; 'vuurmuur check' tells which") != std::string::npos);
  CHECK(firewall.run({"diff", "/nowhere/at/all"}).status == 2);
  CHECK(firewall.run({"diff", "--traffic", "--rules"}).status == 2);
  CHECK(firewall.run({"diff", "--traffic", "7"}).status == 2);
}
