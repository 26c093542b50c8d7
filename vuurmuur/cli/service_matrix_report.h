// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "cli/saved_rules.h"
#include "prove/service_matrix.h"

namespace vuurmuur::cli {

/// Which services get from which device to which, for people: devices with the same services in one line.
[[nodiscard]] std::string text_of(const prove::ServiceMatrix& matrix);

/// {"rows": [{"chain", "in", "out", "services": [{"service", "place", "rule", "packet"}]}], "not_modelled",
/// "unfinished"}; place and rule of a policy are null.
[[nodiscard]] nlohmann::ordered_json json_of(const prove::ServiceMatrix& matrix, const SavedRules& rules);

}  // namespace vuurmuur::cli
