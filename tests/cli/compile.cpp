// SPDX-License-Identifier: GPL-2.0-or-later
// The command compile: forms of output, files, JSON.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

namespace fs = std::filesystem;
using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;

namespace {

Outcome compile(const SmallTree& tree, std::vector<std::string> options) {
  options.insert(options.begin(), "compile");
  options.push_back(tree.path().string());
  return vuurmuur::test::vuurmuur(std::move(options));
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t rule_lines(const std::string& save) {
  std::size_t count = 0;
  for (const auto line : vuurmuur::base::split(save, '\n')) count += line.starts_with("-A ");
  return count;
}

}  // namespace

TEST_CASE("both families are printed, each behind a comment, the same bytes each time") {
  const SmallTree tree;
  const Outcome both = compile(tree, {});
  CHECK(both.status == 0);
  CHECK(both.err.empty());
  const std::string ipv4 = compile(tree, {"--family=4"}).out;
  const std::string ipv6 = compile(tree, {"--family=6"}).out;
  CHECK(ipv4.starts_with("# IPv4: for iptables-restore\n*"));
  CHECK(ipv6.starts_with("# IPv6: for ip6tables-restore\n*"));
  CHECK(both.out == ipv4 + ipv6);
  CHECK(compile(tree, {}).out == both.out);
}

TEST_CASE("rules carry their origin unless it is not wanted") {
  const SmallTree tree;
  CHECK(compile(tree, {}).out.find("--comment \"rule 1: accept http from world.inet to firewall\"") !=
        std::string::npos);
  CHECK(compile(tree, {"--no-comments"}).out.find("--comment") == std::string::npos);
}

TEST_CASE("the JSON holds every rule of the text with its origin and place") {
  const SmallTree tree;
  const auto document = nlohmann::json::parse(compile(tree, {"--json"}).out);
  const std::string text = compile(tree, {}).out;
  std::size_t rules = 0;
  bool found = false;
  for (const auto& table : document.at("tables")) {
    for (const auto& chain : table.at("chains")) {
      for (const auto& rule : chain.at("rules")) {
        ++rules;
        const std::string line =
            "-A " + chain.at("name").get<std::string>() + " " + rule.at("text").get<std::string>() + "\n";
        CAPTURE(line);
        CHECK(text.find(line) != std::string::npos);
        found = found || rule.at("place") == "rules/rules.conf:1";
      }
    }
  }
  CHECK(rules == rule_lines(text));
  CHECK(document.at("rules") == rules);
  CHECK(found);
  CHECK_FALSE(document.at("timings").empty());
  CHECK_FALSE(document.at("kernel_settings").empty());
}

TEST_CASE("a script is a shell script") {
  const SmallTree tree;
  const Outcome outcome = compile(tree, {"--format=script"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("#!/bin/sh\n"));
}

TEST_CASE("the form for nft is a table of each family") {
  const SmallTree tree;
  const std::string ipv4 = compile(tree, {"--format=nft", "--family=4"}).out;
  const std::string ipv6 = compile(tree, {"--format=nft", "--family=6"}).out;
  CHECK(ipv4.starts_with("add table ip vuurmuur\n"));
  CHECK(ipv6.starts_with("add table ip6 vuurmuur\n"));
  CHECK(compile(tree, {"--format=nft"}).out == ipv4 + ipv6);
  CHECK(ipv4.find(" comment \"rule 1: accept http") != std::string::npos);
  CHECK(compile(tree, {"--format=nft", "--no-comments"}).out.find(" comment \"rule 1") == std::string::npos);
}

TEST_CASE("every pass can be left out and shown") {
  const SmallTree tree;
  const auto passes = nlohmann::json::parse(vuurmuur::test::vuurmuur({"compile", "--list-passes", "--json"}).out);
  REQUIRE_FALSE(passes.empty());
  for (const auto& pass : passes) {
    const auto name = pass.at("name").get<std::string>();
    CAPTURE(name);
    const Outcome dump = compile(tree, {"--dump-ir=after:" + name});
    CHECK(dump.status == 0);
    const Outcome nothing = compile(tree, {"--dump-ir=after:" + name, "--disable-pass=" + name});
    CHECK(nothing.status == 1);
    CHECK(nothing.err.starts_with("vuurmuur: error: pass '" + name +
                                  "' is left out: there is nothing after it to show\n"));
  }
  const auto last = passes.back().at("name").get<std::string>();
  CHECK(compile(tree, {"--dump-ir"}).out == compile(tree, {"--dump-ir=after:" + last}).out);
  CHECK_FALSE(compile(tree, {"--dump-ir"}).out.empty());
}

TEST_CASE("timings go to the error output and name every pass") {
  const SmallTree tree;
  const Outcome outcome = compile(tree, {"--timings"});
  CHECK(outcome.out == compile(tree, {}).out);
  for (const auto& pass : nlohmann::json::parse(vuurmuur::test::vuurmuur({"compile", "--list-passes", "--json"}).out)) {
    CHECK(outcome.err.find(pass.at("name").get<std::string>()) != std::string::npos);
  }
}

TEST_CASE("a result goes into a file as a whole, or the old file stays") {
  const SmallTree tree;
  const fs::path file = tree.path() / "result";
  const Outcome outcome = compile(tree, {"-o", file.string()});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.empty());
  CHECK(text_of(file) == compile(tree, {}).out);

  const Outcome refused = compile(tree, {"--output=" + (tree.path() / "no/such/place").string()});
  CHECK(refused.status == 3);
  CHECK(refused.err.find("no such file or directory") != std::string::npos);
}

TEST_CASE("a tree with errors is not compiled, and an existing result stays") {
  const SmallTree tree;
  const fs::path file = tree.path() / "result";
  CHECK(compile(tree, {"-o", file.string()}).status == 0);
  const std::string before = text_of(file);
  tree.rules("accept service htpp from world.inet to firewall");
  CHECK(compile(tree, {"-o", file.string()}).status == 2);
  CHECK(text_of(file) == before);
  CHECK(compile(tree, {}).out.empty());
}

TEST_CASE("what is compiled is proven from its text") {
  const SmallTree tree;
  const Outcome proven = compile(tree, {"--prove"});
  CHECK(proven.status == 0);
  CHECK(proven.err.empty());
  CHECK(proven.out.starts_with("proven: "));
  CHECK(nlohmann::json::parse(compile(tree, {"--prove", "--json"}).out).at("proven") == true);
}

TEST_CASE("a compile without one of its steps is refused with a packet that shows it") {
  const SmallTree tree;
  const Outcome refused = compile(tree, {"--prove", "--disable-pass=protections"});
  CHECK(refused.status == 2);
  CHECK(refused.out.empty());
  CHECK(refused.err.find("by protections a packet is dropped, by them it is accepted") != std::string::npos);
  CHECK(refused.err.find("for example in INPUT of table filter: tcp ") != std::string::npos);
  CHECK(nlohmann::json::parse(compile(tree, {"--prove", "--json", "--disable-pass=filter-rules"}).out).at("proven") ==
        false);
}

TEST_CASE("a proof is printed instead of rules") {
  const SmallTree tree;
  const Outcome refused = compile(tree, {"--prove", "--format=nft"});
  CHECK(refused.status == 1);
  CHECK(refused.err.find("--prove and --format exclude each other") != std::string::npos);
}
