// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "config/document.h"
#include "model/policy.h"
#include "screens/object_fields.h"
#include "ui/form.h"

namespace vuurmuur::screens {

/// What would be wrong with an object, by row, when its file were `document` in this policy. `name`: its full name;
/// empty for the settings. What only the present moment makes wrong (a device without an address) is none.
[[nodiscard]] std::vector<ui::FormProblem> problems_of(const ObjectFields& fields, const std::string& name,
                                                       const config::Document& document, const model::Policy& policy);

}  // namespace vuurmuur::screens
