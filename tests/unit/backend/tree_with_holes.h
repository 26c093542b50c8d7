// SPDX-License-Identifier: GPL-2.0-or-later
// A tree over connection marks that a map has to take the place of with elements that return: a branch that does not
// take all that it is sent, and a rule behind the tree that must not see what falls off the branch. For the proof
// without a kernel and the one with it.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "backend/nft_program.h"

namespace vuurmuur::backend_test {

/// The bits of a mark that the tree looks at.
inline constexpr std::uint32_t kHoleShift = 12, kHoleMask = 0xf000;

/// Counters of the program: one for each leaf, one behind the tree in its chain, one behind the jump to it.
inline constexpr backend::nft::Index kBehindTree = 5, kBehindJump = 6, kHoleCounters = 7;

/// The leaf that takes a number. The branch for 4 to 7 takes two of them; no rule takes 3 and those from 8 on.
inline std::optional<backend::nft::Index> leaf_of(std::uint32_t number) {
  constexpr std::array<std::uint32_t, 5> kTaken{0, 1, 2, 4, 6};
  for (std::size_t i = 0; i < kTaken.size(); ++i)
    if (kTaken[i] == number) return static_cast<backend::nft::Index>(i);
  return std::nullopt;
}

/// A number that comes into the branch and out of it again without a verdict: it leaves the whole chain.
inline bool falls_off_branch(std::uint32_t number) { return number == 5 || number == 7; }

/// Rule by rule, for what this machine sends.
inline backend::nft::Program tree_with_holes() {
  using namespace backend::nft;
  Program program;
  for (Index i = 0; i < kHoleCounters; ++i) program.counters.push_back({"hole-" + std::to_string(i), "hole"});
  const auto add_chain = [&program](std::string name) {
    program.chains.push_back({.name = std::move(name), .base = {}, .rules = {}});
    return static_cast<Index>(program.chains.size() - 1);
  };
  const Index base = add_chain("filter_OUTPUT"), tree = add_chain("filter_VRMR-TREE"),
              branch = add_chain("filter_VRMR-BRANCH");
  program.chains[base].base = Base{.hook = ir::Hook::Output};
  const auto go = [&program](Index from, std::uint32_t number, std::uint32_t mask, Index to) {
    program.chains[from].rules.push_back(
        {.statements = {NumberTest{Field::CtMark, Relation::Equal, number << kHoleShift, mask << kHoleShift},
                        Verdict{Verdict::Kind::Goto, to}},
         .comment = {}});
  };
  const auto add_leaf = [&](Index from, std::uint32_t number) {
    const Index leaf = add_chain("filter_VRMR-LEAF-" + std::to_string(number));
    program.chains[leaf].rules.push_back({.statements = {Count{*leaf_of(number)}, Verdict{}}, .comment = {}});
    go(from, number, 0xf, leaf);
  };
  for (const std::uint32_t number : {0u, 1u, 2u}) add_leaf(tree, number);
  go(tree, 4, 0xc, branch);
  for (const std::uint32_t number : {4u, 6u}) add_leaf(branch, number);
  program.chains[tree].rules.push_back({.statements = {Count{kBehindTree}}, .comment = {}});
  program.chains[base].rules.push_back({.statements = {Verdict{Verdict::Kind::Jump, tree}}, .comment = {}});
  program.chains[base].rules.push_back({.statements = {Count{kBehindJump}}, .comment = {}});
  return program;
}

}  // namespace vuurmuur::backend_test
