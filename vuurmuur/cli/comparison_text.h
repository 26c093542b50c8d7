// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "control/comparison.h"
#include "diag/render.h"

namespace vuurmuur::cli {

/// Differences as diff -ruN prints them, so that patch -p1 takes them; coloured as git does.
[[nodiscard]] std::string text_of(const control::Comparison& comparison, diag::Style style);

}  // namespace vuurmuur::cli
