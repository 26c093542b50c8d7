// SPDX-License-Identifier: GPL-2.0-or-later
// apply --connections, each case in a network namespace of its own.
#include <linux/capability.h>

#include <nlohmann/json.hpp>

#include "helpers/firewall.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

/// A namespace with the device that SmallTree speaks of, and two plain connections to this machine, to port 80 and to
/// port 22, with a bit of others in their marks. SmallTree's rule accepts the first.
class Machine {
 public:
  Machine() {
    add("80", "0x80000000");
    add("22", "0x80000000");
  }

  /// What conntrack lists, one line a connection.
  [[nodiscard]] static std::string connections() { return vuurmuur::lab::run_ok({"conntrack", "-L", "-f", "ipv4"}); }

 private:
  static void add(const char* port, const char* mark) {
    vuurmuur::lab::run_ok({"conntrack",   "-I",   "-p",         "tcp", "--timeout", "600", "--state",
                           "ESTABLISHED", "-u",   "SEEN_REPLY", "-s",  "192.0.2.9", "-d",  "192.0.2.1",
                           "--sport",     "4000", "--dport",    port,  "-m",        mark});
  }

  vuurmuur::test::LoneMachine machine_;
};

Outcome apply(const SmallTree& tree, std::vector<std::string> options) {
  options.insert(options.begin(), "apply");
  options.push_back(tree.path().string());
  return vuurmuur::test::vuurmuur(std::move(options));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a dry run tells what an apply would do with live connections, and does not") {
  const Machine machine;
  const SmallTree tree;
  tree.rules("nfqueue service http from world.inet to firewall options nfqueuenum=\"5\"");
  const std::string before = Machine::connections();
  const Outcome outcome = apply(tree, {"--dry-run", "--connections=list"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 0);
  CHECK(has(outcome.out, "end       tcp 192.0.2.9:4000 > 192.0.2.1:22: refused by the policy of the chain\n"));
  CHECK(has(outcome.out,
            "change    tcp 192.0.2.9:4000 > 192.0.2.1:80: queue 5 instead of plain, by rule 1: nfqueue http from "
            "world.inet to firewall (rules/rules.conf:1)\n"));
  CHECK(has(outcome.out, "live connections: 0 as the rules want them, 1 would end, 1 would change, 0 undecided\n"));
  // Its timeouts go on.
  CHECK(has(before, "dport=22"));
  CHECK(has(Machine::connections(), "dport=22"));
}

TEST_CASE("enforcing ends and changes them, and says how many") {
  const Machine machine;
  const SmallTree tree;
  tree.rules("nfqueue service http from world.inet to firewall options nfqueuenum=\"5\"");
  const Outcome outcome = apply(tree, {"--connections=enforce"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 0);
  CHECK(has(outcome.out, "\nlive connections: 1 as the rules want them, 1 ended, 1 changed, 0 undecided\n"));
  const std::string left = Machine::connections();
  CHECK_FALSE(has(left, "dport=22"));
  CHECK(has(left, "mark=" + std::to_string(0x90005000)));
}

TEST_CASE("JSON tells every connection") {
  const Machine machine;
  const SmallTree tree;
  const auto document = nlohmann::json::parse(apply(tree, {"--connections=list", "--json"}).out);
  CHECK(document.at("applied") == true);
  const auto& told = document.at("connections");
  CHECK(told.at("enforced") == false);
  CHECK(told.at("kept") == 1);
  CHECK(told.at("ended") == 1);
  CHECK(told.at("changed") == 0);
  CHECK(told.at("undecided") == 0);
  CHECK(told.at("failed") == 0);
  REQUIRE(told.at("connections").size() == 1);
  const auto& ended = told.at("connections")[0];
  CHECK(ended.at("what") == "end");
  CHECK(ended.at("protocol") == "tcp");
  CHECK(ended.at("original").at("source") == "192.0.2.9");
  CHECK(ended.at("original").at("destination_port") == 22);
  CHECK(ended.at("mark") == 0x80000000);
  CHECK(ended.at("is").at("kind") == "plain");
  CHECK(has(Machine::connections(), "dport=22"));
}

TEST_CASE("without being asked connections go on, and nothing is said of them") {
  const Machine machine;
  const SmallTree tree;
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--connections=keep"}}) {
    const Outcome outcome = apply(tree, options);
    CHECK(outcome.status == 0);
    CHECK_FALSE(has(outcome.out, "live connections"));
    CHECK(has(Machine::connections(), "dport=22"));
  }
  const auto document = nlohmann::json::parse(apply(tree, {"--json"}).out);
  CHECK_FALSE(document.contains("connections"));
}

TEST_CASE("who may not look at connections is told so") {
  const Machine machine;
  const SmallTree tree;
  const Outcome outcome =
      vuurmuur::test::vuurmuur({.arguments = {"apply", "--dry-run", "--connections=list", tree.path().string()},
                                .without_capabilities = {CAP_NET_ADMIN}});
  CHECK(outcome.status == 3);
  CHECK(has(outcome.err, "CAP_NET_ADMIN"));
}

TEST_CASE("what is no way of treating connections is a mistake on the command line") {
  const Machine machine;
  const SmallTree tree;
  const Outcome outcome = apply(tree, {"--connections=enfroce"});
  CHECK(outcome.status == 1);
  CHECK(has(outcome.err,
            "option '--connections': expected keep, enforce or list, not 'enfroce'; did you mean 'enforce'?"));
}
