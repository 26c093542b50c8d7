// SPDX-License-Identifier: GPL-2.0-or-later
// Curses without its macros (erase, move, timeout, …). For the .cpp files of this folder only.
#pragma once
#ifndef NCURSES_NOMACROS
#define NCURSES_NOMACROS
#endif
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <curses.h>
