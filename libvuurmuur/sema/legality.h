// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "model/rule.h"

namespace vuurmuur::sema {

/// Checks a rule by itself, without what its names stand for: which options its action can have and must have, and
/// which ends. Errors and warnings go into the sink; gives whether the rule can be used.
bool check_legality(const model::Rule& rule, diag::Sink& sink);

/// An option of the rule language that means something to an action.
struct OptionUse {
  std::string_view name;
  bool is_mandatory = false;
};

/// The options that an action can have, those that it must have first; "comment", which all have, is not among them.
/// None for a separator.
[[nodiscard]] std::vector<OptionUse> options_of(model::Action action);

}  // namespace vuurmuur::sema
