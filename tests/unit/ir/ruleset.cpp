// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/ruleset.h"

#include <random>

#include "support/catch.h"

namespace vuurmuur::ir {
namespace {

std::string name_of(std::size_t number) { return "VRMR-" + std::to_string(number); }

TEST_CASE("ruleset: chains are found by name among many") {
  Table table(TableName::Filter);
  std::vector<ChainId> made;
  for (std::size_t i = 0; i < 5000; ++i) made.push_back(table.chain_named(name_of(i)));
  for (std::size_t i = 0; i < made.size(); ++i) {
    REQUIRE(table.find(name_of(i)) == made[i]);
    REQUIRE(table.chain_named(name_of(i)) == made[i]);
    REQUIRE(table.chain(made[i]).name == name_of(i));
  }
  CHECK(table.chains().size() == made.size() + 3);
  CHECK_FALSE(table.find("VRMR-5000").has_value());
  CHECK_FALSE(Table(TableName::Filter).find("VRMR-0").has_value());
  CHECK(table.find("FORWARD") == table.builtin(Hook::Forward));
}

TEST_CASE("ruleset: chains that leave are not found, and jumps lead where they led") {
  std::mt19937 random(1);
  for (std::size_t round = 0; round < 50; ++round) {
    Table table(TableName::Filter);
    const std::size_t count = random() % 40;
    std::vector<bool> keep(table.chains().size(), false);  // built-in ones stay all the same
    for (std::size_t i = 0; i < count; ++i) {
      static_cast<void>(table.chain_named(name_of(i)));
      keep.push_back(round == 0 || random() % 2 == 0);
    }
    // Every chain leads to the next one that stays, by a jump or a goto.
    const auto next_kept = [&](std::size_t from) -> std::optional<std::size_t> {
      for (std::size_t i = from + 1; i < keep.size(); ++i)
        if (keep[i]) return i;
      return std::nullopt;
    };
    for (std::size_t i = 0; i < keep.size(); ++i)
      if (const auto next = next_kept(i)) {
        const auto to = static_cast<ChainId>(*next);
        const Target target = i % 2 == 0 ? Target{JumpTarget{to}} : Target{GotoTarget{to}};
        table.append(static_cast<ChainId>(i), Rule{.target = target});
      }
    table.retain_chains(keep);

    std::size_t at = 3;
    for (std::size_t i = 0; i < count; ++i) {
      if (!keep[i + 3]) {
        CHECK_FALSE(table.find(name_of(i)).has_value());
        continue;
      }
      REQUIRE(table.find(name_of(i)) == static_cast<ChainId>(at));
      const Chain& chain = table.chains()[at];
      CHECK(chain.name == name_of(i));
      if (const auto next = next_kept(i + 3)) {
        const auto to = static_cast<ChainId>(at + 1);
        const Target expected = (i + 3) % 2 == 0 ? Target{JumpTarget{to}} : Target{GotoTarget{to}};
        CHECK(chain.rules.at(0).target == expected);
        CHECK(table.chain(to).name == name_of(*next - 3));
      }
      ++at;
    }
    CHECK(table.chains().size() == at);
    // A name that left can be given again.
    CHECK(table.chain_named("VRMR-new") == static_cast<ChainId>(at));
    CHECK(table.find("VRMR-new") == static_cast<ChainId>(at));
  }
}

}  // namespace
}  // namespace vuurmuur::ir
