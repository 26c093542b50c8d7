// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"
#include "ipc/varlink.h"

namespace vuurmuur::screens {

/// A generation with the files of its configuration, of an answer to Show.
[[nodiscard]] std::unique_ptr<app::Screen> make_generation(const ipc::Json& shown);

}  // namespace vuurmuur::screens
