// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <string>

#include "base/result.h"
#include "ir/ruleset.h"
#include "net/address.h"

namespace vuurmuur::apply {

/// What an errno of a commit means, in words.
[[nodiscard]] std::string plain_reason(int code);

/// The error for a table that cannot be read.
[[nodiscard]] std::unexpected<base::Error> open_error(net::Family family, ir::TableName table, int code);

}  // namespace vuurmuur::apply
