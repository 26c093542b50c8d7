// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What a prompt asks for.
struct PromptWishes {
  std::string question;
  std::vector<std::string> lines{};  ///< what to know before answering
  std::string text{};                ///< what stands there at first
  /// What is wrong with a text, shown while it is typed; empty: nothing.
  std::function<std::string(const std::string&)> check{};
  /// The text, when Enter ends the prompt and nothing is wrong with it.
  std::function<void(app::Context&, const std::string&)> on_text{};
};

/// Asks for a line of text over the present screen. Esc leaves it without an answer.
[[nodiscard]] std::unique_ptr<app::Screen> make_prompt(PromptWishes wishes);

}  // namespace vuurmuur::screens
