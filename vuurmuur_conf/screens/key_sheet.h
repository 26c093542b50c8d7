// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/screen.h"

namespace vuurmuur::screens {

/// A screen or window of every kind that there is, for what speaks of all of them.
struct ScreenKind {
  std::string name;  ///< in English: "Rules"
  std::unique_ptr<app::Screen> screen;
};
[[nodiscard]] std::vector<ScreenKind> every_screen();

/// All keys of all screens, in Markdown: doc/keys.md.
[[nodiscard]] std::string key_sheet();

}  // namespace vuurmuur::screens
