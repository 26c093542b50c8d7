// SPDX-License-Identifier: GPL-2.0-or-later
// The command assert, and what check does with the statements of a tree.
#include <nlohmann/json.hpp>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

Outcome run(std::vector<std::string> words) { return vuurmuur::test::vuurmuur(std::move(words)); }

}  // namespace

TEST_CASE("statements that hold get one line and status 0") {
  const SmallTree tree;
  tree.write(
      "rules/assertions.conf",
      "# what shall be\nworld.inet can reach firewall service http\nonly web.world.inet reaches mail.world.inet\n");
  const Outcome outcome = run({"assert", tree.path().string()});
  CHECK(outcome.err.empty());
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "2 of 2 statements hold\n");
  CHECK(run({"check", tree.path().string()}).status == 0);
}

TEST_CASE("one that does not hold is told with a packet and the rule, and makes check fail") {
  const SmallTree tree;
  tree.write("rules/assertions.conf", "inet never reaches firewall\nworld.inet can reach firewall service http\n");
  const Outcome outcome = run({"assert", tree.path().string()});
  CHECK(outcome.status == 1);
  CHECK(outcome.out == "1 of 2 statements hold\n");
  INFO(outcome.err);
  CHECK(outcome.err.starts_with(
      "rules/assertions.conf:1:1: error: this does not hold: rule 1 (rules/rules.conf:1) takes it: accepted\n"
      "  inet never reaches firewall\n"
      "  ^~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
      "note: for example tcp "));
  CHECK(outcome.err.find("rules/rules.conf:1:7: note: rule 1\n") != std::string::npos);
  const Outcome checked = run({"check", tree.path().string()});
  CHECK(checked.status == 2);
  CHECK(checked.err.find("this does not hold") != std::string::npos);
  CHECK(nlohmann::json::parse(run({"check", "--json", tree.path().string()}).out).at("diagnostics").at(0).at("code") ==
        "assertion-failed");
}

TEST_CASE("another file can be named, with a tree") {
  const SmallTree tree;
  tree.write("mine", "inet can reach firewall service http\nlan can reach inet\n");
  const std::string file = (tree.path() / "mine").string();
  const Outcome outcome = run({"assert", tree.path().string(), file});
  CHECK(outcome.status == 2);
  CHECK(outcome.err.find("mine:2:1: error: no zone, network, host or group is named 'lan'") != std::string::npos);
  CHECK(run({"check", tree.path().string()}).status == 0);
  CHECK(run({"assert", tree.path().string()}).status == 2);
  CHECK(run({"assert", tree.path().string()}).err.find("there is no rules/assertions.conf") != std::string::npos);
  CHECK(run({"assert", tree.path().string(), file + "s"}).status == 2);
  CHECK(run({"assert", tree.path().string() + "s"}).status == 2);
}

TEST_CASE("in JSON each statement has its result") {
  const SmallTree tree;
  tree.write("rules/assertions.conf", "inet never reaches firewall\ninet can reach firewall service http\n");
  const auto document = nlohmann::json::parse(run({"assert", "--json", tree.path().string()}).out);
  REQUIRE(document.at("statements").size() == 2);
  CHECK(document.at("statements").at(0).at("result") == "fails");
  CHECK(document.at("statements").at(0).at("place") == "rules/assertions.conf:1");
  CHECK(document.at("statements").at(0).at("rule").at("number") == 1);
  CHECK(document.at("statements").at(0).at("example").at("destination_port") == 80);
  CHECK(document.at("statements").at(1).at("result") == "holds");
  CHECK(document.at("errors") == 1);
}

TEST_CASE("the statements of the sample of a gateway hold") {
  const Outcome outcome = run({"assert", VM_CONFIG_SOURCES "/samples/gateway"});
  CHECK(outcome.err.empty());
  CHECK(outcome.status == 0);
}
