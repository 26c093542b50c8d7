// SPDX-License-Identifier: GPL-2.0-or-later
// doctor: what others have in the kernel, and whose marks collide with ours.
#include <nlohmann/json.hpp>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

/// What doctor says first: what the engines can do. Whether nf_tables can queue is the kernel's affair.
std::string engines(std::string_view chosen, std::string_view xtables_note = "") {
  const auto document = nlohmann::json::parse(vuurmuur::test::vuurmuur({"doctor", "--json", SmallTree().path()}).out);
  const bool queues = document.at("engines").at("nft").at("queues");
  return "xtables: can hold all rules" + std::string(xtables_note) + "\nnft: " +
         (queues ? "can hold all rules" : "can hold rules, but none that queue packets (the kernel has no NFT_QUEUE)") +
         "\napply would " + std::string(chosen) + "\n";
}

Outcome doctor(const SmallTree& tree, std::vector<std::string> options = {}) {
  options.insert(options.begin(), "doctor");
  options.push_back(tree.path().string());
  return vuurmuur::test::vuurmuur(std::move(options));
}

}  // namespace

TEST_CASE("where nobody else has rules, doctor says so") {
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  const SmallTree tree;
  const Outcome outcome = doctor(tree);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.out ==
        engines("take xtables") + "no rules of others\nconnection marks: nobody else uses ours, 0x3ffff000\n");
}

TEST_CASE("doctor names rules that decide and marks that collide, and proposes a mask") {
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  vuurmuur::lab::run_ok({"iptables-legacy-restore"},
                        "*mangle\n:ts-mark - [0:0]\n-A PREROUTING -j ts-mark\n"
                        "-A ts-mark -j CONNMARK --set-xmark 0x40000/0xff0000\nCOMMIT\n");
  vuurmuur::lab::run_ok({"nft", "-f", "-"},
                        "table inet lab { chain in { type filter hook input priority 0; policy drop; }; }\n");
  const SmallTree tree;
  const Outcome outcome = doctor(tree);
  CHECK(outcome.status == 5);
  CHECK(outcome.out == engines("take nft") +
                           "rules of others:\n"
                           "  iptables mangle PREROUTING (tailscale): 2 rules\n"
                           "  nft inet lab in: 0 rules, policy drop\n"
                           "connection marks: others use bits of ours, 0x3ffff000:\n"
                           "  iptables mangle ts-mark (tailscale) changes bits 0x00ff0000 of the connection mark; "
                           "0x00ff0000 of them are "
                           "ours\n"
                           "free would be CONNMARK_MASK=\"0x0000ffff\", with numbers up to 16383\n");

  const Outcome json = doctor(tree, {"--json"});
  CHECK(json.status == 5);
  const auto document = nlohmann::json::parse(json.out);
  CHECK(document["engines"]["chosen"] == "nft");
  CHECK(document["engines"]["loaded"] == nullptr);
  CHECK(document["rules_of_others"].size() == 2);
  CHECK(document["mark_collisions"][0]["ours"] == 0xff0000);
  CHECK(document["proposed_mask"]["mask"] == 0xffff);
  CHECK(document["proposed_mask"]["fits_policy"] == true);
}

TEST_CASE("doctor tells which engine holds rules of ours, and what apply would refuse") {
  vuurmuur::lab::enter_laboratory();
  const vuurmuur::lab::NetNamespace space;
  const vuurmuur::lab::Inside inside(space);
  const SmallTree tree;
  REQUIRE(vuurmuur::test::vuurmuur({"apply", tree.path().string()}).status == 0);
  CHECK(doctor(tree).out.starts_with(engines("take xtables", "; ours are in it")));

  vuurmuur::lab::run_ok({"nft", "-f", "-"},
                        "table inet lab { chain in { type filter hook input priority 0; policy drop; }; }\n");
  tree.write("config.conf", "BACKEND=\"xtables\"\n");
  CHECK(doctor(tree).out.starts_with(engines(
      "refuse: rules of others in nft would decide packets as well: nft inet lab in has policy drop; both "
      "engines would see every packet, and the stricter one would win: move those rules, or load ours there too "
      "(--backend=nft), or accept it with --force",
      "; ours are in it")));
}
