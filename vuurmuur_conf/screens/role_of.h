// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "model/rule.h"
#include "ui/style.h"

namespace vuurmuur::screens {

/// How an action looks wherever it is shown.
[[nodiscard]] ui::Role role_of(model::Action action);

}  // namespace vuurmuur::screens
