// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ui/geometry.h"

namespace vuurmuur::conf {

/// What the command line wishes.
struct Options {
  bool wants_help = false, wants_version = false, wants_keys = false;
  std::string directory;    ///< of the configuration
  bool may_be_new = false;  ///< the directory need not exist
  bool is_demo = false;     ///< nothing is written, and the daemon is canned
  bool is_offline = false;  ///< no daemon is asked
  bool is_read_only = false;
  bool has_mouse = true, has_colours = true;
  std::string theme = "dark";  ///< or a file: term::find_theme
  std::string screen;          ///< id of the screen to begin with; empty: main
  std::string state_directory;
  std::optional<ui::Size> print;  ///< prints a screen of this size and ends
};

/// Reads the words behind the program's name. The error is a message for the user.
[[nodiscard]] std::expected<Options, std::string> read_options(const std::vector<std::string>& words);

[[nodiscard]] std::string help_text();

}  // namespace vuurmuur::conf
