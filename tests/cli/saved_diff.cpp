// SPDX-License-Identifier: GPL-2.0-or-later
// Two files of iptables-save held against each other: diff --iptables-save.
#include <nlohmann/json.hpp>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

std::string compiled(const SmallTree& tree, std::vector<std::string> words) {
  words.insert(words.begin(), {"compile", "--family=4"});
  words.push_back(tree.path().string());
  const Outcome outcome = vuurmuur::test::vuurmuur(std::move(words));
  REQUIRE(outcome.status == 0);
  return outcome.out;
}

}  // namespace

TEST_CASE("rules of ours with queues that are written otherwise are proven the same, and another queue is told") {
  const SmallTree tree;
  const std::string file = (tree.path() / "one").string(), other = (tree.path() / "other").string();
  const auto diff = [&] { return vuurmuur::test::vuurmuur({"diff", "--iptables-save", file, other}); };
  const auto rules_with_queue = [](int queue) {
    return "nfqueue service http from world.inet to firewall options nfqueuenum=\"" + std::to_string(queue) +
           "\",nfmark=\"4\"\nnfqueue service any from web.world.inet to firewall options nfqueuenum=\"9\"";
  };
  tree.rules(rules_with_queue(7));
  tree.write("one", compiled(tree, {}));
  // Written otherwise: without comments, and with other names of chains.
  std::string renamed = compiled(tree, {"--no-comments"});
  for (std::size_t at = 0; (at = renamed.find("VRMR-", at)) != std::string::npos;) renamed.replace(at, 5, "ours-");
  tree.write("other", renamed);
  const Outcome same = diff();
  INFO(same.out << same.err);
  CHECK(same.status == 0);
  CHECK(same.out == "both treat every packet the same\n");

  tree.rules(rules_with_queue(8));
  tree.write("other", compiled(tree, {}));
  const Outcome differs = diff();
  INFO(differs.out << differs.err);
  CHECK(differs.status == 1);
  CHECK(differs.out.find("  before   to queue 7, connection mark 0x10007000/0x3ffff000, packet mark 0x4 by ") !=
        std::string::npos);
  CHECK(differs.out.find("  after    to queue 8, connection mark 0x10008000/0x3ffff000, packet mark 0x4 by ") !=
        std::string::npos);
  CHECK(differs.out.find("not compared") == std::string::npos);
}

TEST_CASE("which services a file lets through between devices is told, and as JSON with a packet") {
  const SmallTree tree;
  tree.write(
      "save",
      "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n"
      "-A INPUT -i lan0 -p tcp -m tcp --dport 22 -j ACCEPT\n"
      "-A FORWARD -i lan0 -o wan+ -p tcp -m multiport --dports 80,443 -j ACCEPT\n-A OUTPUT -o lo -j ACCEPT\nCOMMIT\n");
  const std::string file = (tree.path() / "save").string();
  const Outcome services = vuurmuur::test::vuurmuur({"check", "--services", "--iptables-save", file});
  CHECK(services.status == 0);
  CHECK(services.err.empty());
  CHECK(services.out == "INPUT:\n  lan0: tcp 22\nFORWARD:\n  lan0 > wan+: tcp 80; tcp 443\nOUTPUT:\n  > lo: all\n");
  const auto document =
      nlohmann::json::parse(vuurmuur::test::vuurmuur({"check", "--services", "--json", "--iptables-save", file}).out);
  REQUIRE(document.at("rows").size() == 3);
  CHECK(document.at("rows")[0].at("chain") == "INPUT");
  CHECK(document.at("rows")[0].at("out").is_null());
  const auto& service = document.at("rows")[0].at("services")[0];
  CHECK(service.at("service") == "tcp 22");
  CHECK(service.at("place") == file + ":5");
  CHECK(service.at("packet").get<std::string>().find(":22") != std::string::npos);
  CHECK(document.at("unfinished") == 0);
  CHECK(vuurmuur::test::vuurmuur({"check", "--services", tree.path().string()}).status == 1);
}
