// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/counter_heirs.h"

#include "backend/origin_tag.h"
#include "backend/xtables_entry.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

/// An entry whose comment is that text, or its tag when the text begins with '#'; without one when it is empty.
std::vector<std::byte> entry_of(net::Family family, std::string comment) {
  const bool is_tagged = comment.starts_with('#');
  if (is_tagged) comment.erase(0, 1);
  ir::Ruleset ruleset;
  const ir::Table& table = ruleset.rules(family).table(ir::TableName::Filter);
  const ir::Rule rule{
      .target = ir::AcceptTarget{}, .origin = ruleset.add_origin(comment), .commented = !comment.empty()};
  std::vector<std::byte> entry;
  const auto tags = backend::origin_tags(ruleset, [](backend::OriginTag) { return std::string_view(); }).tags;
  backend::encode_entry(ruleset, table, family, rule, {.comments = !is_tagged, .tags = &tags}, entry);
  return entry;
}

struct Written {
  std::uint32_t number;
  std::string comment;
  std::string_view does = "ACCEPT";
};

std::vector<CounterHeir> heirs(net::Family family, const std::vector<Written>& gone,
                               const std::vector<Written>& added) {
  std::vector<std::vector<std::byte>> entries;
  const auto numbered = [&](const std::vector<Written>& rules) {
    std::vector<NumberedRule> all;
    for (const Written& rule : rules) {
      entries.push_back(entry_of(family, rule.comment));
      all.push_back({.number = rule.number, .entry = entries.back().data(), .does = rule.does});
    }
    return all;
  };
  const auto old_rules = numbered(gone);
  const auto new_rules = numbered(added);
  return find_counter_heirs(family, old_rules, new_rules);
}

using Heirs = std::vector<CounterHeir>;

}  // namespace

TEST_CASE("the first new rule with the same comment counts on, for as many as there were") {
  for (const net::Family family : net::kFamilies)
    CHECK(heirs(family, {{3, "rule 1: accept a"}, {5, "rule 1: accept a"}, {6, "rule 2: accept b"}},
                {{10, "rule 2: accept b"}, {11, "rule 1: accept a"}, {12, "rule 1: accept a"}}) ==
          Heirs{{3, 11}, {5, 11}, {6, 10}});
}

TEST_CASE("a rule that does something else, or has no comment, counts for nobody") {
  CHECK(heirs(net::Family::Ipv4, {{1, "rule 1: accept a", "ACCEPT"}, {2, "", "ACCEPT"}, {3, "rule 2: accept b", ""}},
              {{7, "rule 1: accept a", ""}, {8, "", "ACCEPT"}, {9, "rule 2: accept b", "NFLOG"}})
            .empty());
}

TEST_CASE("the number of the rule may change, but the very same comment goes first") {
  CHECK(heirs(net::Family::Ipv4, {{1, "rule 4: accept a"}, {2, "rule 5: accept a"}, {3, "rule 6: accept b"}},
              {{7, "rule 1: accept a"}, {8, "rule 5: accept a"}, {9, "rule 60: accept b"}, {10, "established"}}) ==
        Heirs{{1, 7}, {2, 8}, {3, 9}});
  CHECK(heirs(net::Family::Ipv4, {{1, "established"}}, {{2, "rule 1: established"}}).empty());
}

TEST_CASE("a rule is known by its tag where one of the two has no comment, whatever its number") {
  for (const net::Family family : net::kFamilies) {
    CHECK(heirs(family, {{1, "#rule 1: accept a"}, {2, "#rule 2: accept b"}},
                {{3, "#rule 5: accept b"}, {4, "#rule 1: accept a"}}) == Heirs{{1, 4}, {2, 3}});
    CHECK(heirs(family, {{1, "#rule 1: accept a"}, {2, "rule 2: accept b"}},
                {{3, "#rule 2: accept b"}, {4, "rule 7: accept a"}}) == Heirs{{1, 4}, {2, 3}});
    CHECK(heirs(family, {{1, "#rule 1: accept a", "NFLOG"}, {2, "#rule 2: accept b"}},
                {{3, "#rule 1: accept a"}, {4, "rule 2: accept c"}})
              .empty());
  }
}
