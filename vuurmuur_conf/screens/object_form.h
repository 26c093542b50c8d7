// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"
#include "edit/object.h"

namespace vuurmuur::screens {

/// An object as a form: a row for each key that its file can have, with what is wrong below it while it is typed.
[[nodiscard]] std::unique_ptr<app::Screen> make_object_form(edit::Object object);

/// The same for config.conf.
[[nodiscard]] std::unique_ptr<app::Screen> make_settings();

}  // namespace vuurmuur::screens
