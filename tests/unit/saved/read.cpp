// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/read.h"

#include "diag/render.h"
#include "office.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

struct Reading {
  diag::SourceMap sources;
  diag::Sink sink;
  saved::Ruleset ruleset;
  explicit Reading(std::string text) {
    ruleset = saved::read(sources.add("rules.save", std::move(text)), sources, sink);
  }
  [[nodiscard]] std::string said() const { return diag::render(sink, sources, diag::Style::Plain); }
};

std::string in_filter(const std::string& line) { return "*filter\n:INPUT ACCEPT [0:0]\n" + line + "\nCOMMIT\n"; }

}  // namespace

TEST_CASE("tables, chains, policies and rules are read") {
  const Reading reading(kOffice);
  CHECK(reading.said().empty());
  REQUIRE(reading.ruleset.tables.size() == 3);
  const saved::Table& filter = *reading.ruleset.find("filter");
  REQUIRE(filter.chains.size() == 6);
  CHECK(filter.chains[0].policy == "DROP");
  CHECK(filter.chains[3].policy.empty());
  const saved::Rule& limited = filter.chains[0].rules[3];
  CHECK(limited.target == "ACCEPT");
  REQUIRE(limited.matches.size() == 4);
  CHECK(limited.matches[0].options[0].values == std::vector<std::string>{"tcp"});
  CHECK(limited.matches[2].name == "limit");
  CHECK(limited.matches[2].options.size() == 2);
  CHECK(limited.matches[3].options[0].values == std::vector<std::string>{"a \"few\" of these"});
  const saved::Rule& gone = filter.chains[3].rules[1];
  CHECK(gone.is_goto);
  CHECK(gone.matches[0].options[0].is_inverted);
  CHECK(filter.chains[5].rules[1].target_options.size() == 2);
}

TEST_CASE("long forms, old inversions, insertions and policies mean the same") {
  const Reading reading(
      "*filter\n-P INPUT DROP\n-N mine\n-A INPUT --protocol tcp -s ! 10.0.0.0/8 --jump mine\n-I INPUT -j ACCEPT\n-I "
      "INPUT 2 --goto mine\nCOMMIT\n");
  CHECK(reading.said().empty());
  const saved::Chain& input = reading.ruleset.tables[0].chains[0];
  CHECK(input.policy == "DROP");
  REQUIRE(input.rules.size() == 3);
  CHECK(input.rules[0].target == "ACCEPT");
  CHECK(input.rules[1].is_goto);
  REQUIRE(input.rules[2].matches.size() == 1);
  CHECK(input.rules[2].matches[0].options[1].name == "-s");
  CHECK(input.rules[2].matches[0].options[1].is_inverted);
}

TEST_CASE("a word is what its quotes hold, wherever they stand in it") {
  const auto comment = [](const std::string& written) {
    const Reading reading(in_filter("-A INPUT -m comment --comment " + written));
    CHECK(reading.said().empty());
    return reading.ruleset.tables.at(0).chains.at(0).rules.at(0).matches.at(0).options.at(0).values;
  };
  using Words = std::vector<std::string>;
  CHECK(comment("plain -j DROP") == Words{"plain"});
  CHECK(comment(R"("all of it" -j DROP)") == Words{"all of it"});
  CHECK(comment(R"("the last word")") == Words{"the last word"});
  CHECK(comment(R"("" -j DROP)") == Words{""});
  CHECK(comment(R"("-j is no option here" -j DROP)") == Words{"-j is no option here"});
  CHECK(comment(R"("a \"b\" \\ c" -j DROP)") == Words{R"(a "b" \ c)"});
  CHECK(comment(R"(begins" inside" -j DROP)") == Words{"begins inside"});
  CHECK(comment(R"("in front"behind -j DROP)") == Words{"in frontbehind"});
  CHECK(comment(R"("one"" two" "three four" -j DROP)") == Words{"one two", "three four"});
  CHECK(comment(R"(out\side -j DROP)") == Words{R"(out\side)"});
}

TEST_CASE("what is no save file is told with its place, and the rest is read") {
  CHECK(Reading("-A INPUT -j DROP\n").said().find("rules.save:1:1: error: no table has begun here") == 0);
  CHECK(Reading("*filter\n").said().find("rules.save:1:2: warning: table 'filter' does not end with COMMIT") == 0);
  CHECK(Reading(in_filter("-X mine")).said().find("rules.save:3:1: error: '-X' is no line of a save file") == 0);
  CHECK(Reading(in_filter("-A INPUT -j")).said().find("rules.save:3:10: error: expected one name behind '-j'") == 0);
  CHECK(Reading(in_filter("-A INPUT -m comment --comment \"x -j DROP"))
            .said()
            .find("the quote does not end on this line") != std::string::npos);
  CHECK(Reading(in_filter("-A INPUT !")).said().find("rules.save:3:10: error: expected an option behind '!'") == 0);
  CHECK(Reading(in_filter("-A INPUT tcp -j DROP")).said().find("rules.save:3:10: error: 'tcp' belongs to no option") ==
        0);
  CHECK(Reading(in_filter("-I INPUT 3 -j DROP")).said().find("chain 'INPUT' has 0 rules") != std::string::npos);
  CHECK(Reading(in_filter(":x")).said().find("expected a chain and its policy") != std::string::npos);
  const Reading both(in_filter("-X mine\n-A INPUT -j DROP"));
  CHECK(both.ruleset.tables[0].chains[0].rules.size() == 1);
}

TEST_CASE("rules can be seen as they are read, and what was seen of them need not be kept") {
  diag::SourceMap sources;
  diag::Sink sink;
  const diag::FileId file = sources.add("rules.save", std::string(kOffice));
  const saved::Ruleset whole = saved::read(file, sources, sink);
  std::size_t matches = 0, last = 0;
  const saved::Ruleset without = saved::read(file, sources, sink, [&](saved::Rule& rule) {
    CHECK(rule.span.begin >= last);
    last = rule.span.begin;
    matches += rule.matches.size();
    rule.matches.clear();
  });
  REQUIRE(without.tables.size() == whole.tables.size());
  for (std::size_t t = 0; t < whole.tables.size(); ++t) {
    REQUIRE(without.tables[t].chains.size() == whole.tables[t].chains.size());
    for (std::size_t c = 0; c < whole.tables[t].chains.size(); ++c) {
      const saved::Chain &one = whole.tables[t].chains[c], &other = without.tables[t].chains[c];
      REQUIRE(other.rules.size() == one.rules.size());
      for (std::size_t r = 0; r < one.rules.size(); ++r) {
        CHECK(other.rules[r].target == one.rules[r].target);
        CHECK(other.rules[r].span == one.rules[r].span);
        CHECK(other.rules[r].matches.empty());
        matches -= one.rules[r].matches.size();
      }
    }
  }
  CHECK(last > 0);
  CHECK(matches == 0);
}
