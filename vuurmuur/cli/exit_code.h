// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vuurmuur::cli {

/// What the program ends with. Scripts rely on the numbers: they never change.
enum class ExitCode : int {
  Done = 0,
  Usage = 1,          ///< the command line makes no sense
  Configuration = 2,  ///< the configuration has errors, or is refused as it is
  Refused = 3,        ///< the kernel or the machine refused; nothing changed
  RolledBack = 4,     ///< applied, then taken back
  NeedsPerson = 5,    ///< a question that only a person can answer
};

/// As diff(1) ends, for scripts that ask "does it differ?".
inline constexpr ExitCode kDiffers{1}, kDiffFailed{2};

/// As grep(1) ends, for scripts that ask "is there any?".
inline constexpr ExitCode kFoundNothing{1}, kSearchFailed{2};

}  // namespace vuurmuur::cli
