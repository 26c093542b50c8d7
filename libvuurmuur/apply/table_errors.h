// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
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

/// Fails with E2BIG for a table that is larger than the kernel takes (XT_MAX_TABLE_SIZE of net/netfilter/x_tables.c:
/// 512 MiB), with the number of its entries in the message. To be asked before the kernel, and the memory of this
/// machine, see it.
[[nodiscard]] base::Result<void> check_table_size(net::Family family, ir::TableName table, std::size_t entries,
                                                  std::size_t bytes);

}  // namespace vuurmuur::apply
