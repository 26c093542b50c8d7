// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "sema/policy.h"

namespace vuurmuur::analyse {

/// All that a rule's meaning rests on, as a text: addresses, devices, ports and options in place of names. Rules of two
/// policies with the same text do the same at the same place. For rules that are not known by their boxes (translation,
/// broadcasts); two that do the same may have other texts.
[[nodiscard]] std::string meaning_of(const sema::Policy& policy, const sema::Rule& rule);

}  // namespace vuurmuur::analyse
