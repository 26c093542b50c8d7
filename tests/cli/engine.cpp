// SPDX-License-Identifier: GPL-2.0-or-later
// Which rule engine apply takes, and what it says when others are in the other one.
#include <nlohmann/json.hpp>
#include <optional>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

constexpr const char* kForeignNft =
    "table inet lab { chain in { type filter hook input priority 0; policy drop; }; }\n";

Outcome apply(const SmallTree& tree, std::vector<std::string> options = {}) {
  options.insert(options.begin(), "apply");
  options.push_back(tree.path().string());
  return vuurmuur::test::vuurmuur(std::move(options));
}

std::string planned(const SmallTree& tree, std::vector<std::string> options = {}) {
  options.insert(options.end(), {"--dry-run", "--json"});
  const Outcome outcome = apply(tree, std::move(options));
  if (outcome.status != 0) return outcome.err;
  return nlohmann::json::parse(outcome.out).at("backend");
}

/// A namespace without rules.
struct Machine {
  Machine() {
    vuurmuur::lab::enter_laboratory();
    space.emplace();
    inside.emplace(*space);
  }
  std::optional<vuurmuur::lab::NetNamespace> space;
  std::optional<vuurmuur::lab::Inside> inside;
};

}  // namespace

TEST_CASE("the engine is the option's, else the configuration's, else whichever fits") {
  const Machine machine;
  const SmallTree tree;
  CHECK(planned(tree) == "xtables");
  CHECK(planned(tree, {"--backend=nft"}) == "nft");
  tree.write("config.conf", "BACKEND=\"nft\"\n");
  CHECK(planned(tree) == "nft");
  CHECK(planned(tree, {"--backend=xtables"}) == "xtables");
  CHECK(planned(tree, {"--backend=auto"}) == "xtables");
  const Outcome text = apply(tree, {"--dry-run"});
  CHECK(text.out.ends_with(" IPv6) into nft; nothing was changed\n"));
}

TEST_CASE("a word that is no engine is a mistake on the command line") {
  const SmallTree tree;
  const Outcome outcome = apply(tree, {"--backend=ntf"});
  CHECK(outcome.status == 1);
  CHECK(outcome.err ==
        "vuurmuur: error: option '--backend': expected auto, xtables or nft, not 'ntf'; did you mean 'nft'?\ntry "
        "'vuurmuur apply --help'\n");
}

TEST_CASE("rules of others in the other engine are refused with status 3 and what would help, or forced") {
  const Machine machine;
  vuurmuur::lab::run_ok({"nft", "-f", "-"}, kForeignNft);
  const SmallTree tree;
  tree.closed_to_ssh();
  CHECK(planned(tree) == "nft");
  const Outcome refused = apply(tree, {"--backend=xtables"});
  CHECK(refused.status == 3);
  CHECK(refused.out.empty());
  CHECK(refused.err ==
        "vuurmuur: error: rules of others in nft would decide packets as well: nft inet lab in has policy drop; both "
        "engines would see every packet, and the stricter one would win: move those rules, or load ours there too "
        "(--backend=nft), or accept it with --force\n");
  CHECK(vuurmuur::test::vuurmuur({"list"}).out.find("VRMR-") == std::string::npos);

  const Outcome forced = apply(tree, {"--backend=xtables", "--force", "--json"});
  CHECK(forced.status == 0);
  const auto document = nlohmann::json::parse(forced.out);
  CHECK(document.at("backend") == "xtables");
  CHECK(document.at("warnings").at(0) ==
        "rules of others in nft would decide packets as well: nft inet lab in has policy drop");
}

TEST_CASE("a policy with queues is refused where nf_tables cannot queue, and xtables is offered") {
  const Machine machine;
  const auto engines = nlohmann::json::parse(vuurmuur::test::vuurmuur({"doctor", "--json", SmallTree().path()}).out);
  const bool queues = engines.at("engines").at("nft").at("queues");
  const SmallTree tree;
  tree.closed_to_ssh();
  tree.rules("nfqueue service http from world.inet to firewall options nfqueuenum=\"7\"");
  CHECK(planned(tree) == "xtables");
  if (queues) {
    CHECK(planned(tree, {"--backend=nft"}) == "nft");
    return;
  }
  for (const char* option : {"--dry-run", "--force"}) {
    const Outcome outcome = apply(tree, {"--backend=nft", option});
    CHECK(outcome.status == 3);
    CHECK(outcome.err ==
          "vuurmuur: error: no rule engine can hold this policy: this kernel's nf_tables has no queue expression "
          "(NFT_QUEUE), which the policy's nfqueue rules need; --backend=xtables can hold it\n");
  }
}

TEST_CASE("what apply loads into nft, list shows and clear takes out; what is loaded stays the engine") {
  const Machine machine;
  const SmallTree tree;
  const Outcome loaded = apply(tree, {"--backend=nft"});
  INFO(loaded.err);
  REQUIRE(loaded.status == 0);
  CHECK(loaded.out.find(" rules loaded into nft") != std::string::npos);
  CHECK(vuurmuur::lab::run_ok({"nft", "list", "tables"}).find("table ip6 vuurmuur\n") != std::string::npos);
  CHECK(planned(tree) == "nft");

  const Outcome list = vuurmuur::test::vuurmuur({"list"});
  CHECK(list.status == 0);
  CHECK(list.out.find("IPv4 filter in nft") != std::string::npos);
  CHECK(list.out.find("chain INPUT (policy DROP, ") != std::string::npos);
  CHECK(list.out.find("# rule 1: accept http from world.inet to firewall\n") != std::string::npos);
  CHECK(
      vuurmuur::test::vuurmuur({"counters"}).out.find("0      0  rule 1: accept http from world.inet to firewall\n") !=
      std::string::npos);

  REQUIRE(vuurmuur::test::vuurmuur({"clear", "--yes"}).status == 0);
  CHECK(vuurmuur::lab::run_ok({"nft", "list", "ruleset"}).empty());
  CHECK(planned(tree) == "xtables");
}

TEST_CASE("a change of engines leaves rules in one of them") {
  const Machine machine;
  const SmallTree tree;
  const auto in_xtables = [] {
    return vuurmuur::lab::run_ok({"iptables-legacy-save"}).find("\n:VRMR-") != std::string::npos;
  };
  const auto in_nft = [] { return !vuurmuur::lab::run_ok({"nft", "list", "ruleset"}).empty(); };
  REQUIRE(apply(tree).status == 0);
  REQUIRE(apply(tree, {"--backend=nft"}).status == 0);
  CHECK_FALSE(in_xtables());
  CHECK(in_nft());
  REQUIRE(apply(tree, {"--backend=xtables"}).status == 0);
  CHECK(in_xtables());
  CHECK_FALSE(in_nft());
}
