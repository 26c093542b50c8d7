// SPDX-License-Identifier: GPL-2.0-or-later
// The command check: its status, its summary, its JSON.
#include <nlohmann/json.hpp>

#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a good tree gets one line and status 0") {
  const SmallTree tree;
  const Outcome outcome = vuurmuur::test::vuurmuur({"check", tree.path().string()});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out == tree.path().string() + ": good: 1 active rule, 1 network, 1 interface, 1 service\n");
}

TEST_CASE("a mistake is shown with its place and the near miss, with status 2") {
  const SmallTree tree;
  tree.rules("accept service htpp from world.inet to firewall");
  const Outcome outcome = vuurmuur::test::vuurmuur({"check", tree.path().string()});
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  INFO(outcome.err);
  CHECK(
      outcome.err.starts_with("rules/rules.conf:1:22: error: no service is named 'htpp'; did you mean 'http'?\n"
                              "  RULE=\"accept service htpp from world.inet to firewall\"\n"
                              "                       ^~~~\n"));
}

TEST_CASE("with --deep rules are told that others leave nothing, and that is a warning") {
  const SmallTree tree;
  tree.rules(
      "accept service http from world.inet to firewall\ndrop service http from world.inet to firewall\n"
      "accept service http from world.inet to firewall\naccept service any from world.inet to firewall\n"
      "accept service http from world.inet to firewall(any)");
  const auto check = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "check");
    words.push_back(tree.path().string());
    return vuurmuur::test::vuurmuur(std::move(words));
  };
  CHECK(check({}).err.empty());
  const Outcome outcome = check({"--deep"});
  CHECK(outcome.status == 0);
  INFO(outcome.err);
  CHECK(outcome.err.starts_with(
      "rules/rules.conf:2:7: warning: rule 2 can never match: rule 1 takes all that it would take\n"
      "  RULE=\"drop service http from world.inet to firewall\"\n"));
  CHECK(outcome.err.find("rules/rules.conf:1:7: note: rule 1\n") != std::string::npos);
  CHECK(outcome.err.find(
            "rules/rules.conf:3:7: warning: rule 3 makes no difference: rule 1 takes all that it would take, and "
            "does the same with it\n") != std::string::npos);
  CHECK(outcome.err.find("warning: rule 4") == std::string::npos);
  CHECK(outcome.err.find("warning: rule 5") == std::string::npos);
  const auto document = nlohmann::json::parse(check({"--deep", "--json"}).out);
  CHECK(document.at("diagnostics").at(0).at("code") == "never-matches");
  CHECK(document.at("diagnostics").at(1).at("code") == "redundant-rule");
}

TEST_CASE("with --deep rules are told that make no difference because of those behind them") {
  const SmallTree tree;
  tree.rules(
      "accept service http from world.inet to firewall\ndrop service any from web.world.inet to firewall\n"
      "accept service http from world.inet to firewall(any)\naccept service any from world.inet to firewall\n"
      "accept service any from world.inet to firewall(any)");
  const Outcome outcome = vuurmuur::test::vuurmuur({"check", "--deep", tree.path().string()});
  INFO(outcome.err);
  CHECK(outcome.err.find("rule 1 makes no difference") == std::string::npos);
  CHECK(
      outcome.err.find("rules/rules.conf:3:7: warning: rule 3 makes no difference: rule 5 behind it does the same with "
                       "all that it takes\n") != std::string::npos);
  CHECK(
      outcome.err.find("rules/rules.conf:4:7: warning: rule 4 makes no difference: rule 5 behind it does the same with "
                       "all that it takes\n") != std::string::npos);
  CHECK(outcome.err.find("rules/rules.conf:5:7: note: rule 5\n") != std::string::npos);
  CHECK(outcome.err.find("rule 5 makes") == std::string::npos);
}

TEST_CASE("with --deep rules that overlap, translation without effect and a closed door are told, in JSON too") {
  const SmallTree tree;
  tree.write("services/ssh", "ACTIVE=\"Yes\"\nRANGE=\"6;22\"\n");
  tree.rules(
      "accept service http from world.inet to any\ndrop service any from web.world.inet to firewall\n"
      "dnat service ssh from world.inet to mail.world.inet\naccept service any from firewall to world.inet");
  const auto check = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "check");
    words.push_back(tree.path().string());
    return vuurmuur::test::vuurmuur(std::move(words));
  };
  CHECK(check({}).err.empty());
  const Outcome outcome = check({"--deep"});
  CHECK(outcome.status == 0);
  INFO(outcome.err);
  CHECK(has(outcome.err, "warning: nobody can reach the SSH of this machine (tcp 22): rule 3 sends it elsewhere\n"));
  CHECK(has(outcome.err,
            "rules/rules.conf:2:7: warning: rule 2 refuses what rule 1 before it lets through, and that is no special "
            "case of it\n"));
  CHECK(has(outcome.err,
            "rules/rules.conf:1:7: note: rule 1 takes input, in eth0, from 192.0.2.80 (web.world.inet) to "));
  CHECK(has(outcome.err,
            "rules/rules.conf:3:7: warning: rule 3 translates in vain: no rule lets through what becomes of it\n"));
  const auto document = nlohmann::json::parse(check({"--deep", "--json"}).out);
  std::vector<std::string> codes;
  for (const auto& diagnostic : document.at("diagnostics")) codes.push_back(diagnostic.at("code"));
  CHECK(codes == std::vector<std::string>{"ssh-unreachable", "overlap", "translation-refused"});
  tree.rules("drop service http from web.world.inet to any\naccept service any from world.inet to firewall");
  CHECK(check({"--deep"}).err.empty());
  const Outcome all = check({"--overlaps"});
  INFO(all.err);
  CHECK(has(all.err,
            "rules/rules.conf:2:7: warning: rule 2 lets through what rule 1 before it refuses, and that is no special "
            "case of it\n"));
  CHECK(all.status == 0);
}

TEST_CASE("rules that iptables-save wrote are checked") {
  const SmallTree tree;
  tree.write("office.save",
             "*filter\n:INPUT DROP [0:0]\n:old - [0:0]\n-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n"
             "-A INPUT -s 10.0.0.0/8 -p tcp -m multiport --dports 80 -m limit --limit 1/sec -j DROP\nCOMMIT\n");
  const std::string file = (tree.path() / "office.save").string();
  const Outcome outcome = vuurmuur::test::vuurmuur({"check", "--iptables-save=" + file});
  CHECK(outcome.status == 0);
  CHECK(outcome.out == file + ": good: 1 table, 2 chains, 2 rules\n");
  INFO(outcome.err);
  CHECK(outcome.err.find(file + ":3:2: warning: no rule of table filter leads to chain 'old'") != std::string::npos);
  CHECK(outcome.err.find(file +
                         ":5:1: warning: this rule can never match: the rule below takes all that it would take") !=
        std::string::npos);
  CHECK(outcome.err.find(file + ":4:1: note: rule 1 of INPUT") != std::string::npos);
  const auto document =
      nlohmann::json::parse(vuurmuur::test::vuurmuur({"check", "--json", "--iptables-save", file}).out);
  CHECK(document.at("warnings") == 2);
  tree.write("office.save", "-A INPUT\n");
  CHECK(vuurmuur::test::vuurmuur({"check", "--iptables-save", file}).status == 2);
  CHECK(vuurmuur::test::vuurmuur({"check", "--iptables-save", file + ".gone"}).status == 2);
  CHECK(vuurmuur::test::vuurmuur({"check", "--iptables-save", file, tree.path().string()}).status == 1);
}

TEST_CASE("all mistakes of all files are told in one run") {
  const SmallTree tree;
  tree.rules("accept service htpp from world.inet to firewall\nacept service http from world.inet to firewall");
  tree.write("interfaces/nic.conf", "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"192.0.2.300\"\n");
  tree.write("services/http", "ACTIVE=\"Yes\"\nRANGE=\"6;80000\"\n");
  const Outcome outcome = vuurmuur::test::vuurmuur({"check", "--json", tree.path().string()});
  CHECK(outcome.status == 2);
  CHECK(outcome.err.empty());
  const auto document = nlohmann::json::parse(outcome.out);
  std::vector<std::string> files;
  for (const auto& diagnostic : document.at("diagnostics")) {
    if (diagnostic.at("severity") == "error") files.push_back(diagnostic.at("file").get<std::string>());
  }
  std::ranges::sort(files);
  CHECK(files ==
        std::vector<std::string>{"interfaces/nic.conf", "rules/rules.conf", "rules/rules.conf", "services/http"});
  CHECK(document.at("errors") == 4);
}

TEST_CASE("what alerts lead to is checked with the rest, with the names of the policy") {
  const SmallTree tree;
  const std::string path = tree.path().string();
  tree.write("rules/responses.conf", "never block world.inet\nblock source for 1h when severity 1\n");
  CHECK(vuurmuur::test::vuurmuur({"check", path}).err.empty());
  tree.write("rules/responses.conf", "never block wurld.inet\nblock sorce for 1h when any\n");
  const Outcome outcome = vuurmuur::test::vuurmuur({"check", path});
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  INFO(outcome.err);
  CHECK(has(outcome.err,
            "rules/responses.conf:1:13: error: 'wurld.inet' is neither an address nor a network nor a "
            "host, group or network of " +
                path + "; did you mean 'world.inet'?\n"));
  CHECK(has(outcome.err,
            "rules/responses.conf:2:7: error: expected 'source' or 'destination', not 'sorce'; did you "
            "mean 'source'?\n"));
  // It says the same as the one who will read it.
  const std::string file = path + "/rules/responses.conf";
  const Outcome respond = vuurmuur::test::vuurmuur({"respond", "--check", "--config=" + path, "--responses=" + file});
  CHECK(respond.status == 2);
  for (const char* const words : {"'wurld.inet' is neither", "expected 'source' or 'destination', not 'sorce'"})
    CHECK(has(respond.err, words));
  tree.write("rules/responses.conf", "never block world.inet\n");
  const Outcome idle = vuurmuur::test::vuurmuur({"check", path});
  CHECK(idle.status == 0);
  CHECK(has(idle.err, "warning: no statement says what to do"));
}

TEST_CASE("the JSON of a good tree says so") {
  const SmallTree tree;
  const Outcome outcome = vuurmuur::test::vuurmuur({"check", "--json", tree.path().string()});
  CHECK(outcome.status == 0);
  const auto document = nlohmann::json::parse(outcome.out);
  CHECK(document.at("errors") == 0);
  CHECK(document.at("warnings") == 0);
  CHECK(document.at("diagnostics").empty());
}
