// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "app/screen.h"
#include "edit/object.h"

namespace vuurmuur::screens {

/// Who uses an object: rules, groups, networks, the blocklist; Enter goes there. Null when nobody does.
[[nodiscard]] std::unique_ptr<app::Screen> make_users(const app::Model& model, const edit::Object& object);

/// The screen on which an object is, with the object selected.
[[nodiscard]] std::unique_ptr<app::Screen> make_screen_of(const edit::Object& object);

/// The object whose file that is; nothing for config.conf and what is no file of a tree.
[[nodiscard]] std::optional<edit::Object> object_of_path(std::string_view path);

}  // namespace vuurmuur::screens
