// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/shape.h"

namespace vuurmuur::control {

compile::Shape shape_for(apply::Backend backend) {
  compile::Shape shape;
  if (backend == apply::Backend::Nft) shape.leaf_rules = 12;
  return shape;
}

}  // namespace vuurmuur::control
