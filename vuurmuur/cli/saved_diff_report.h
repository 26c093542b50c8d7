// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "cli/saved_rules.h"
#include "names/index.h"
#include "prove/saved_diff.h"

namespace vuurmuur::cli {

/// The packet that shows a difference: "tcp 10.1.0.9:50000 > 198.51.100.80:443, in by eth0, a new connection".
[[nodiscard]] std::string example_text(const prove::SavedDifference& row, const names::Index& names);

/// What packets two files of iptables-save treat otherwise, for people.
[[nodiscard]] std::string text_of(const prove::SavedDiff& diff, const SavedRules& before, const SavedRules& after);

/// {"equal", "rows": [{"chain", "packet", "before": {"verdict", "place", "rule"}, "after": …}], "not_modelled",
/// "unfinished"}; place and rule of a policy are null.
[[nodiscard]] nlohmann::ordered_json json_of(const prove::SavedDiff& diff, const SavedRules& before,
                                             const SavedRules& after);

}  // namespace vuurmuur::cli
