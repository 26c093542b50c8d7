// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <random>

#include "support/policy_files.h"

namespace vuurmuur::property {

/// Another tree, made of one by a few edits of the kinds that people make.
[[nodiscard]] kernel_test::Files edited(const kernel_test::Files& files, std::mt19937& random);

}  // namespace vuurmuur::property
