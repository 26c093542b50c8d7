// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compile/box.h"
#include "ir/ruleset.h"

// Rules of a chain that are alike but for their addresses and port, brought together as far as no packet can tell.
namespace vuurmuur::compile {

/// The conditions of a rule that an element of a set can stand for.
struct SetParts {
  AddressBits source, destination;
  std::optional<std::uint16_t> port;  ///< the one destination port of a TCP or UDP rule
  bool operator==(const SetParts&) const = default;

  [[nodiscard]] static SetParts of(const ir::Rule& rule);
};

/// A rule without the conditions that SetParts has.
[[nodiscard]] ir::Rule without_set_parts(ir::Rule rule);

/// Rules by their place in the chain, in the order in which they stood.
using RuleGroup = std::span<const std::uint32_t>;

/// A chain divided into groups, one behind the other.
struct RuleGroups {
  std::vector<std::uint32_t> rules;  ///< by their place in the chain
  std::vector<std::uint32_t> ends;   ///< of the groups, in `rules`

  [[nodiscard]] std::size_t size() const { return ends.size(); }
  [[nodiscard]] RuleGroup operator[](std::size_t group) const {
    const std::uint32_t begin = group == 0 ? 0 : ends[group - 1];
    return RuleGroup(rules).subspan(begin, ends[group] - begin);
  }
};

/// What rules of one group may differ in besides their addresses and port.
enum class Origins : std::uint8_t { Same, Any };

/// Divides the rules of a chain into groups. The groups one after the other, each with its rules in their order, do
/// with every packet what the chain did: a rule joins an earlier group only across rules that no packet of its own can
/// meet, or that do and count the same. The rules of a group of several differ in their addresses and port only (and,
/// with Origins::Any, in their origin), have prefixes of the same lengths, and no packet meets two of them. Groups are
/// made of rules that have more than `fewest` alike in the chain; when there are none, there are no groups either.
/// Takes time in proportion to the number of rules.
[[nodiscard]] RuleGroups group_rules(const std::vector<ir::Rule>& rules, std::size_t fewest, Origins origins);

}  // namespace vuurmuur::compile
