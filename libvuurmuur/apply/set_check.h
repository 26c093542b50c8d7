// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "base/result.h"

// Whether another program changed sets of ours in ip_set, which tells nobody of a change. What they shall hold need not be
// remembered: it is in their names (ir::set_name()).
namespace vuurmuur::apply {

/// Whether a set that the compiler filled has the elements that its name tells. True of sets with other names.
[[nodiscard]] base::Result<bool> holds_what_its_name_tells(Kernel& kernel, const std::string& name);

/// The names of our sets that have not. Takes a millisecond for some 1,000 elements.
[[nodiscard]] base::Result<std::vector<std::string>> changed_sets(Kernel& kernel);

}  // namespace vuurmuur::apply
