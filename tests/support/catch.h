// SPDX-License-Identifier: GPL-2.0-or-later
// Catch2 of Debian 12 (v2) and of Debian 13 (v3) behind one name.
#pragma once
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
