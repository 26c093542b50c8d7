// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "app/screen.h"
#include "filter/filter.h"

namespace vuurmuur::screens {

/// Asks for a filter, says what is wrong with it while it is typed, and gives its text when nothing is.
[[nodiscard]] std::unique_ptr<app::Screen> make_filter_prompt(
    filter::Of of, std::string text, std::function<void(app::Context&, const std::string&)> on_filter);

/// A filter of a text in which nothing is wrong.
[[nodiscard]] filter::Filter filter_from(filter::Of of, const std::string& text);

}  // namespace vuurmuur::screens
