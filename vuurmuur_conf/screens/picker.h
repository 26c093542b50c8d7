// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/screen.h"

namespace vuurmuur::screens {

struct Choice {
  std::string value;    ///< what is chosen
  std::string label{};  ///< what is shown; empty: the value
  std::string note{};   ///< what it is, shown behind it
  std::string also{};   ///< what finds it as well, and is not shown
};

/// How well a text answers what was typed: the letters in their order, those that stand together or begin a word count
/// more. Nothing when one is missing; 0 for an empty pattern.
[[nodiscard]] std::optional<int> match(std::string_view pattern, std::string_view text);

/// One of many, found by typing some of its letters; Enter chooses, Esc leaves. `at`: the value that is selected first.
[[nodiscard]] std::unique_ptr<app::Screen> make_picker(
    std::string title, std::vector<Choice> choices, std::string at,
    std::function<void(app::Context&, const std::string&)> on_choice);

}  // namespace vuurmuur::screens
