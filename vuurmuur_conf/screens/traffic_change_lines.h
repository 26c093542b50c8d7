// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "app/traffic_change.h"
#include "screens/reader.h"

namespace vuurmuur::screens {

/// What becomes otherwise of which packets, with an example of each, as lines to read.
[[nodiscard]] std::vector<TextLine> traffic_change_lines(const app::TrafficChange& change);

}  // namespace vuurmuur::screens
