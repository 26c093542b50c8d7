// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>

#include <string_view>

#include "compile/context.h"
#include "ir/ruleset.h"

namespace vuurmuur::compile {

/// By what a chain is taken apart.
struct TreeFields {
  bool interfaces = false;
  bool addresses = false;
  bool services = false;  ///< protocol and destination port
};

struct TreeLimits {
  /// Chains with no more rules than this are left as they are.
  std::size_t threshold = 64;
  /// As many rules may stand in a chain one after the other.
  std::size_t leaf = 8;
  /// How many rules the tree may have for every rule of the chain; replicas and those that lead on are counted.
  double growth = 1.5;
};

/// Replaces the rules of every own chain that is long enough by a tree of chains that a packet goes down by goto: at
/// each node a few rules look at one field, in the leaves stand those rules, in their order, that a packet which came
/// there may meet. Rules that do not care about a field stand in several leaves, with their origin. What falls off a
/// leaf comes back to where the chain was called from, as if it had fallen off the chain.
///
/// A chain that no field takes apart within the allowed growth is cut in segments that are called one after the other,
/// or stays as it is. Buckets of limit matches are never doubled: such rules move into a chain of their own.
/// The rules that lead on have an origin of that label. Takes time in proportion to the rules and the tree's depth.
void build_trees(Context& context, TreeFields fields, const TreeLimits& limits, std::string_view label);

}  // namespace vuurmuur::compile
