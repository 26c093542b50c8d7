// SPDX-License-Identifier: GPL-2.0-or-later
// apply, list and clear with a kernel: each case in a network namespace of its own, inside a laboratory of the process.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "helpers/firewall.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Call;
using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

/// A namespace with the device that SmallTree speaks of.
class Machine {
 public:
  /// All rules that the kernel holds, counters left out, and tables with nothing in them: looking at a table loads it.
  [[nodiscard]] static std::string rules() {
    std::string text;
    for (const char* program : {"iptables-legacy-save", "ip6tables-legacy-save"}) {
      const std::string saved = vuurmuur::lab::run_ok({program});
      std::string table;
      for (const std::string_view line : vuurmuur::base::split(saved, '\n')) {
        if (line.starts_with('#')) continue;
        if (line.starts_with('*')) table.clear();
        table += line.substr(0, line.starts_with(':') ? line.find(" [") : std::string_view::npos);
        table += '\n';
        if (line != "COMMIT") continue;
        const bool is_empty = table.find("\n-A ") == std::string::npos && table.find(" DROP\n") == std::string::npos &&
                              table.find(" -\n") == std::string::npos;
        if (!is_empty) text += table;
      }
    }
    return text;
  }

  /// Whether a chain of ours is there; the user's hooks, PRE-VRMR-*, are not ours.
  [[nodiscard]] static bool has_own_rules() { return rules().find("\n:VRMR-") != std::string::npos; }

 private:
  vuurmuur::test::LoneMachine machine_;
};

Outcome on_tree(std::string command, const SmallTree& tree, std::vector<std::string> options = {}) {
  options.insert(options.begin(), std::move(command));
  options.push_back(tree.path().string());
  return vuurmuur::test::vuurmuur(std::move(options));
}

}  // namespace

TEST_CASE("what apply loads, list shows and clear takes out") {
  const Machine machine;
  const SmallTree tree;
  const Outcome apply = on_tree("apply", tree);
  INFO(apply.err);
  REQUIRE(apply.status == 0);
  CHECK(apply.out.starts_with(tree.path().string() + ": "));
  CHECK(apply.out.find(" rules loaded into xtables as generation ") != std::string::npos);

  const Outcome list = vuurmuur::test::vuurmuur({"list"});
  CHECK(list.status == 0);
  CHECK(list.err.empty());
  CHECK(list.out.find("IPv4 filter") != std::string::npos);
  CHECK(list.out.find("IPv6 filter") != std::string::npos);
  CHECK(list.out.find("chain INPUT (policy DROP, ") != std::string::npos);
  CHECK(list.out.find("# rule 1: accept http from world.inet to firewall\n") != std::string::npos);

  const Outcome clear = vuurmuur::test::vuurmuur({"clear", "--yes"});
  CHECK(clear.status == 0);
  CHECK(clear.out == "the firewall is open: no rule of Vuurmuur is left in the kernel\n");
  CHECK_FALSE(Machine::has_own_rules());
  CHECK(Machine::rules().find("DROP") == std::string::npos);
}

TEST_CASE("list narrows to a table and a family, and its JSON holds counters and origins") {
  const Machine machine;
  const SmallTree tree;
  REQUIRE(on_tree("apply", tree).status == 0);
  const auto document =
      nlohmann::json::parse(vuurmuur::test::vuurmuur({"list", "--json", "--table=filter", "--family=4"}).out);
  REQUIRE(document.size() == 1);
  CHECK(document[0].at("family") == 4);
  CHECK(document[0].at("table") == "filter");
  bool found = false;
  for (const auto& chain : document[0].at("chains")) {
    for (const auto& rule : chain.at("rules")) {
      CHECK(rule.at("packets").is_number_unsigned());
      CHECK(rule.at("bytes").is_number_unsigned());
      found = found || rule.at("origin") == "rule 1: accept http from world.inet to firewall";
    }
  }
  CHECK(found);
}

TEST_CASE("chains of others stay through apply and clear, and list shows them on demand") {
  const Machine machine;
  const SmallTree tree;
  vuurmuur::lab::run_ok({"iptables-legacy", "-N", "OTHERS"});
  vuurmuur::lab::run_ok({"iptables-legacy", "-A", "OTHERS", "-s", "198.51.100.7/32", "-j", "DROP"});
  vuurmuur::lab::run_ok({"iptables-legacy", "-I", "INPUT", "-j", "OTHERS"});
  const auto stands = [] {
    const std::string rules = Machine::rules();
    return rules.find("-A INPUT -j OTHERS\n") != std::string::npos &&
           rules.find("-A OTHERS -s 198.51.100.7/32 -j DROP\n") != std::string::npos;
  };
  REQUIRE(on_tree("apply", tree).status == 0);
  CHECK(stands());
  CHECK(vuurmuur::test::vuurmuur({"list"}).out.find("chain OTHERS") == std::string::npos);
  CHECK(vuurmuur::test::vuurmuur({"list", "--all"}).out.find("chain OTHERS") != std::string::npos);
  REQUIRE(on_tree("apply", tree).status == 0);
  CHECK(stands());
  REQUIRE(vuurmuur::test::vuurmuur({"clear", "--yes"}).status == 0);
  CHECK(stands());
}

TEST_CASE("applying twice gives the same rules as applying once") {
  const Machine machine;
  const SmallTree tree;
  REQUIRE(on_tree("apply", tree).status == 0);
  const std::string once = Machine::rules();
  REQUIRE(on_tree("apply", tree).status == 0);
  CHECK(Machine::rules() == once);
}

TEST_CASE("a policy that the kernel refuses leaves the firewall as it was and names the rule") {
  const Machine machine;
  const SmallTree tree;
  REQUIRE(on_tree("apply", tree).status == 0);
  const std::string before = Machine::rules();

  tree.write("services/odd", "ACTIVE=\"Yes\"\nRANGE=\"6;4711\"\nHELPER=\"no-such-helper\"\n");
  tree.rules("accept service http from world.inet to firewall\naccept service odd from world.inet to firewall");
  const Outcome refused = on_tree("apply", tree);
  CHECK(refused.status == 3);
  CHECK(refused.out.empty());
  CAPTURE(refused.err);
  CHECK(refused.err.find("rules/rules.conf:2") != std::string::npos);
  CHECK(Machine::rules() == before);

  const Outcome json = on_tree("apply", tree, {"--json"});
  CHECK(json.status == 3);
  CHECK(nlohmann::json::parse(json.out).at("applied") == false);
}

TEST_CASE("a tree with errors leaves the firewall as it was") {
  const Machine machine;
  const SmallTree tree;
  REQUIRE(on_tree("apply", tree).status == 0);
  const std::string before = Machine::rules();
  tree.rules("accept service htpp from world.inet to firewall");
  CHECK(on_tree("apply", tree).status == 2);
  CHECK(Machine::rules() == before);
}

TEST_CASE("a policy without rules is loaded only by force, and then everything is dropped") {
  const Machine machine;
  const SmallTree tree;
  tree.rules("");
  CHECK(on_tree("apply", tree).status == 2);
  CHECK_FALSE(Machine::has_own_rules());
  CHECK(on_tree("apply", tree, {"--force"}).status == 0);
  CHECK(Machine::has_own_rules());
  CHECK(Machine::rules().find(":INPUT DROP") != std::string::npos);
}

TEST_CASE("a dry run tells how many rules there would be and loads none") {
  const Machine machine;
  const SmallTree tree;
  const Outcome dry = on_tree("apply", tree, {"--dry-run", "--json"});
  CHECK(dry.status == 0);
  const auto planned = nlohmann::json::parse(dry.out);
  CHECK(planned.at("applied") == false);
  CHECK(planned.at("rules") > 10);
  CHECK_FALSE(Machine::has_own_rules());
  const Outcome wet = on_tree("apply", tree, {"--json"});
  REQUIRE(wet.status == 0);
  const auto done = nlohmann::json::parse(wet.out);
  CHECK(done.at("applied") == true);
  CHECK(done.at("rules") == planned.at("rules"));
}

TEST_CASE("a lock that another program holds for longer than --wait refuses with status 3, who it is and no change") {
  const Machine machine;
  const SmallTree tree;
  REQUIRE(on_tree("apply", tree).status == 0);
  const std::string before = Machine::rules();
  tree.rules("drop service http from world.inet to firewall");
  {
    const vuurmuur::base::UniqueFd lock(::open("/run/xtables.lock", O_RDONLY | O_CLOEXEC));
    REQUIRE(lock);
    REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
    const std::string reason = " (process " + std::to_string(::getpid()) +
                               ") holds the xtables lock ('/run/xtables.lock'); nothing was changed, and "
                               "--wait=SECONDS waits longer";
    const Outcome apply = on_tree("apply", tree, {"--wait=0"});
    CHECK(apply.status == 3);
    CHECK(apply.out.empty());
    CHECK(apply.err.ends_with(reason + "\n"));
    const Outcome clear = vuurmuur::test::vuurmuur({"clear", "--yes", "--wait=0", "--json"});
    CHECK(clear.status == 3);
    const auto document = nlohmann::json::parse(clear.out);
    CHECK(document.at("applied") == false);
    CHECK(document.at("error").get<std::string>().ends_with(reason));
  }
  CHECK(Machine::rules() == before);
  CHECK(on_tree("apply", tree, {"--wait"}).status == 0);
  CHECK(Machine::rules() != before);
}

TEST_CASE("without the privilege apply, list and clear say so with status 3 and change nothing") {
  const Machine machine;
  const SmallTree tree;
  REQUIRE(on_tree("apply", tree).status == 0);
  const std::string before = Machine::rules();
  const std::vector<std::vector<std::string>> calls{{"apply", tree.path().string()}, {"list"}, {"clear", "--yes"}};
  for (const auto& arguments : calls) {
    const Outcome outcome =
        vuurmuur::test::vuurmuur(Call{.arguments = arguments, .without_capabilities = {CAP_NET_ADMIN, CAP_NET_RAW}});
    CAPTURE(arguments, outcome.err);
    CHECK(outcome.status == 3);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.ends_with("; this needs root or the capability CAP_NET_ADMIN\n"));
  }
  CHECK(Machine::rules() == before);
}

TEST_CASE("clear on a terminal opens the firewall when the answer is yes") {
  const Machine machine;
  const SmallTree tree;
  REQUIRE(on_tree("apply", tree).status == 0);
  const Outcome outcome = vuurmuur::test::vuurmuur_on_terminal({.arguments = {"clear"}, .input = "yes\n"});
  CHECK(outcome.status == 0);
  CHECK_FALSE(Machine::has_own_rules());
}
