// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace vuurmuur::cli {
namespace {

bool environment_allows_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* terminal = std::getenv("TERM");
  return terminal == nullptr || std::string_view(terminal) != "dumb";
}

}  // namespace

std::optional<Colour> parse_colour(std::string_view text) {
  if (text == "auto") return Colour::Auto;
  if (text == "always") return Colour::Always;
  if (text == "never") return Colour::Never;
  return std::nullopt;
}

diag::Style style_for(Colour wish, int descriptor) {
  const bool colour =
      wish == Colour::Always || (wish == Colour::Auto && is_terminal(descriptor) && environment_allows_colour());
  return colour ? diag::Style::Colour : diag::Style::Plain;
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

}  // namespace vuurmuur::cli
