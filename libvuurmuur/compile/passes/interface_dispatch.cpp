// SPDX-License-Identifier: GPL-2.0-or-later
// Long chains whose rules look at interfaces are entered by them: "-i X -g" into a chain for what comes in by X, there
// "-o Y -g", so that a packet is asked only the rules of its way through the machine. Rules without a condition on the
// interface stand in every such chain they concern, within a bound.
// Expects that rules which could be left out are left out (merge-duplicates). Guarantees that every packet meets the
// same rules in the same order as before, each once.
#include "compile/decision_tree.h"
#include "compile/passes.h"

namespace vuurmuur::compile {

void pass_interface_dispatch(Context& context) {
  const Shape& shape = context.options.shape;
  build_trees(context, {.interfaces = true},
              {.threshold = shape.dispatch_rules, .leaf = shape.leaf_rules, .growth = shape.growth},
              "dispatch by interface");
}

}  // namespace vuurmuur::compile
