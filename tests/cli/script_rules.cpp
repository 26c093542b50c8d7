// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_script: single rules, by their numbers.
#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

struct Scripted : SmallTree {
  Scripted() {
    rules(
        "accept service http from world.inet to firewall\ndrop service any from web.world.inet to firewall\nseparator");
  }
  Outcome run(std::vector<std::string> words) const {
    return vuurmuur::test::vuurmuur_script(path().string(), std::move(words));
  }
  [[nodiscard]] std::string rules_now() const { return run({"-P", "-r", "rules", "--rule-numbers"}).out; }
};

}  // namespace

TEST_CASE("single rules are inserted, replaced, moved and deleted") {
  const Scripted tree;
  CHECK(tree.run({"--insert", "1", "-S", "reject service any from mail.world.inet to firewall"}).status == 0);
  CHECK(tree.run({"-M", "-r", "rules", "--replace", "4", "-S", "separator options comment=\"the rest\""}).status == 0);
  CHECK(tree.run({"--move", "1", "--to", "3"}).status == 0);
  CHECK(tree.rules_now() ==
        "   1: RULE=\"accept service http from world.inet to firewall\"\n"
        "   2: RULE=\"drop service any from web.world.inet to firewall\"\n"
        "   3: RULE=\"reject service any from mail.world.inet to firewall\"\n"
        "   4: RULE=\"separator options comment=\\\"the rest\\\"\"\n");
  CHECK(tree.run({"--delete-rule", "2"}).status == 0);
  CHECK(tree.rules_now().find("drop") == std::string::npos);
  const Outcome none = tree.run({"--delete-rule", "7"});
  CHECK(none.status == 3);
  CHECK(none.err == "vuurmuur_script: error: there is no line 7, they are 1 to 3\n");
}

TEST_CASE("a rule with a mistake is not written") {
  const Scripted tree;
  const std::string before = tree.rules_now();
  const Outcome outcome = tree.run({"--insert", "2", "-S", "accept service htpp from world.inet to firewall"});
  CHECK(outcome.status == 1);
  CHECK(outcome.err ==
        "rules/rules.conf:2:22: error: no service is named 'htpp'; did you mean 'http'?\n"
        "  RULE=\"accept service htpp from world.inet to firewall\"\n"
        "                       ^~~~\n"
        "1 error\n"
        "vuurmuur_script: error: nothing is written\n");
  CHECK(tree.run({"-M", "-r", "rules", "-S", "acept service http from world.inet to firewall", "-A"}).status == 1);
  CHECK(tree.rules_now() == before);
}

TEST_CASE("rules are appended, and all replaced by one") {
  const Scripted tree;
  CHECK(tree.run({"-M", "-r", "rules", "-V", "RULE", "-S", "separator", "-A"}).status == 0);
  CHECK(tree.rules_now().ends_with("   4: RULE=\"separator\"\n"));
  CHECK(tree.run({"-M", "-r", "rules", "-V", "RULE", "-S", "drop service any from any to any"}).status == 0);
  CHECK(tree.rules_now() == "   1: RULE=\"drop service any from any to any\"\n");
}

TEST_CASE("the blocklist has numbered lines as well") {
  const Scripted tree;
  CHECK(tree.run({"--insert", "1", "-r", "blocklist", "-S", "block 198.51.100.7"}).status == 0);
  CHECK(tree.run({"--insert", "1", "-r", "blocklist", "-S", ";block 198.51.100.8"}).status == 0);
  CHECK(tree.run({"-P", "-r", "blocklist", "--rule-numbers"}).out ==
        "   1: RULE=\";block 198.51.100.8\"\n   2: RULE=\"block 198.51.100.7\"\n");
  CHECK(tree.run({"--delete-rule", "1", "-r", "blocklist"}).status == 0);
  CHECK(tree.run({"--list-blocked"}).out == "198.51.100.7\n");
}
