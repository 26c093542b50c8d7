// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "diag/diagnostic.h"
#include "diag/source.h"
#include "term/theme.h"

namespace vuurmuur::term {

/// Reads a theme of a file:
///
///     # What is not said is as in this theme; "dark" when that is not said.
///     base = light
///     accept = 28
///     drop = #d70000, default, bold
///     selected = white, 25, bold underline
///     [8]
///     accept = green
///     [none]
///     accept = default, default, underline
///
/// A line is a role (role_names(), or "selected") with its foreground, its background and its attributes; what is left
/// out at the end is the terminal's own colour, and plain. Colours are "default", a number up to 255 of xterm's
/// palette, "#rrggbb" (the nearest of that palette), or a name: black, red, green, yellow, blue, magenta, cyan, white,
/// and "bright-" before it. Attributes are bold, dim, underline, reverse, italic. What stands before the first section
/// is for terminals with colours, where there are eight with the nearest of them; [256], [8] and [none] say it for one
/// kind of terminal.
///
/// What is wrong is told, and left out.
[[nodiscard]] Theme read_theme(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink);

/// The theme that a user names: one of ours, or a file, which has a '/' in its name. Fails with all that is wrong with
/// it, as text; `said` is what there is to say of one that is good enough.
[[nodiscard]] base::Result<Theme> find_theme(const base::FileSystem& files, const std::string& name, std::string& said);

/// The colour of xterm's 256 that is nearest to one of red, green and blue, and the one of the first eight that is
/// nearest to a colour of the palette.
[[nodiscard]] int nearest_of_palette(int red, int green, int blue);
[[nodiscard]] int nearest_of_eight(int colour);

}  // namespace vuurmuur::term
