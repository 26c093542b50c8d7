// SPDX-License-Identifier: GPL-2.0-or-later
// What is done with objects as a whole. Each works on a draft; save() writes it.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "edit/draft.h"
#include "edit/object.h"
#include "edit/refusal.h"
#include "edit/values.h"

namespace vuurmuur::edit {

/// The object's document when there is such an object; the refusal offers the near miss. Of the rules and the blocklist
/// an empty one when there is none.
[[nodiscard]] Wish<config::Document*> open_object(Draft& draft, const Object& object);

/// Makes an object, inactive and empty, whose parents are there.
[[nodiscard]] Wish<void> create_object(Draft& draft, const Object& object);

/// Removes an object that nothing speaks of and nothing is in, in the tree as it was read.
[[nodiscard]] Wish<void> remove_object(Draft& draft, const base::FileSystem& files, const Object& object);

/// Gives an object another name in the same place, its full one or the first part alone. Everything that speaks of it,
/// or of something inside it, follows: members of groups, interfaces of networks, rules, the blocklist. Nothing of
/// what is written changes but the name. The draft must have no changes yet: where the name stands is known of the tree
/// as it was read.
[[nodiscard]] Wish<void> rename_object(Draft& draft, const base::FileSystem& files, const Object& object,
                                       const std::string& new_name);

/// Writes a variable of an object (values.h).
[[nodiscard]] Wish<void> modify_object(Draft& draft, const Object& object, std::string_view variable,
                                       std::span<const std::string> values, How how);

}  // namespace vuurmuur::edit
