// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/address.h"

namespace vuurmuur::prove {

/// What only the moment tells: "rpfilter --invert", and what "limit --limit 4/min --limit-burst 8" or "hashlimit
/// --hashlimit-above 10/sec …" asks for, as limit_text() and source_limit_text() write it. `rule`: the number of the
/// policy's rule that it stands in. Nothing for another match, or one that asks for more.
[[nodiscard]] std::optional<std::string> limit_named(std::string_view text, unsigned rule, net::Family family);

}  // namespace vuurmuur::prove
