// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/schema.h"
#include "edit/object.h"
#include "edit/refusal.h"

namespace vuurmuur::edit {

/// The variable of a kind of object by its name, whose case does not matter; the refusal offers the near miss.
[[nodiscard]] Wish<const config::KeyRow*> find_variable(Kind kind, std::string_view name);

/// What a variable says: one value (what a missing one means, or an empty text) or the entries of a list.
[[nodiscard]] std::vector<std::string> values_of(const config::Document& document, Kind kind,
                                                 const config::KeyRow& variable);

enum class How : std::uint8_t { Overwrite, Append };

/// Writes a variable. A list gets these entries, or these behind those that it has and without those that it has
/// already (rules may repeat). A service keeps one way to say its ports: what is written in the old form goes into
/// RANGE where there is one, and the other way round the old form is rewritten as RANGE; nothing of it gets lost.
[[nodiscard]] Wish<void> set_values(config::Document& document, Kind kind, const config::KeyRow& variable,
                                    std::span<const std::string> values, How how);

/// The text of a new object: inactive, with all of its variables empty.
[[nodiscard]] std::string new_text(Kind kind);

/// An object as KEY="value" lines, the way a file is written; only one variable of it when that is given.
[[nodiscard]] std::string print_object(const config::Document& document, Kind kind,
                                       const config::KeyRow* variable = nullptr);

}  // namespace vuurmuur::edit
