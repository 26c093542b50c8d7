// SPDX-License-Identifier: GPL-2.0-or-later
// Chains that are still long become decision trees over source, destination, protocol and destination port: at each
// node the field that separates the rules best, two bits of an address or a quarter of the ports at a time, and a few
// rules in each leaf. A packet's worst way grows with the logarithm of the number of rules.
// Expects that chains were taken apart by interface (interface-dispatch). Guarantees that every packet meets the same
// rules in the same order as before, each once.
#include "compile/decision_tree.h"
#include "compile/passes.h"

namespace vuurmuur::compile {

void pass_address_trees(Context& context) {
  const Shape& shape = context.options.shape;
  build_trees(context, {.addresses = true, .services = true},
              {.threshold = shape.tree_rules, .leaf = shape.leaf_rules, .growth = shape.growth}, "dispatch by address");
}

}  // namespace vuurmuur::compile
