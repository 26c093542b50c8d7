// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "analyse/explain.h"
#include "names/index.h"

namespace vuurmuur::analyse {

/// An explanation for people, a line with its line break for each thing to tell; what families have in common once.
[[nodiscard]] std::string text_of(const std::vector<Explanation>& explanations, const Question& question,
                                  const sema::Policy& policy, const names::Index& names);

/// Why a rule does not take what was asked about, in sentences.
[[nodiscard]] std::string text_of(const WhyNot& why, std::size_t rule, const Question& question,
                                  const sema::Policy& policy, const names::Index& names);

/// "service http from local.lan": what the packets of a row have that others of the question have not; empty: all of
/// them.
[[nodiscard]] std::string part_of(const Row& row, const sema::Policy& policy);

}  // namespace vuurmuur::analyse
