// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "app/screen.h"

namespace vuurmuur::screens {

/// One rule as a form: only what its action can have, with what is wrong below each field while it is typed.
/// `text`: the rule as it is written, empty for a new one, which is put in front of `number`.
[[nodiscard]] std::unique_ptr<app::Screen> make_rule_form(std::uint32_t number, const std::string& text, bool is_new);

}  // namespace vuurmuur::screens
