// SPDX-License-Identifier: GPL-2.0-or-later
// Gives the terminal back when the program dies. Used by Terminal alone.
#pragma once
#include <string>

namespace vuurmuur::term {

/// From now on the terminal is given back when the process ends by exit(), std::terminate() or a signal that kills it:
/// the settings that `input` has now are set again, and `restore` is written to `output`. In a signal handler nothing
/// but async-signal-safe calls are made (signal-safety(7)): tcsetattr, poll, write, dup2 and the like; the signal is
/// then raised again with what was to be done before, so that a core is still dumped and a sanitizer still reports.
///
/// While it is taken, what is written to descriptor 2 is kept in memory, when that is a terminal: it would spoil the
/// screen. It is written out when the terminal is given back, whatever the way.
void arm_rescue(int input, int output, const std::string& restore);

/// The terminal is curses' again (after release_rescue) or was given back by curses (Suspend): with the latter what was
/// kept of descriptor 2 is written out.
void take_rescue();
void release_rescue();

/// Handlers and settings are as they were before arm_rescue. After release_rescue.
void disarm_rescue();

}  // namespace vuurmuur::term
