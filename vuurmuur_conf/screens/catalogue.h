// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <span>

#include "app/screen.h"

namespace vuurmuur::screens {

/// A screen that can be gone to from everywhere.
struct CatalogueRow {
  const char* id;     ///< "rules"
  const char* label;  ///< to be translated
  const char* help;   ///< to be translated
  const char* key;    ///< on the main screen; that of the original is the second
  std::unique_ptr<app::Screen> (*make)();
};

/// In the order of the main screen.
[[nodiscard]] std::span<const CatalogueRow> catalogue();

}  // namespace vuurmuur::screens
