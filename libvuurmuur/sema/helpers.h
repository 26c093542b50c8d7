// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::sema {

/// Whether the kernel has a conntrack helper of that name for the family and protocol (the names, l3num and protonum of
/// net/netfilter/nf_conntrack_*.c). True for names that are not in the table: a kernel may have more.
[[nodiscard]] bool helper_serves(std::string_view helper, net::Family family, net::Protocol protocol);

/// Whether the name is in the table.
[[nodiscard]] bool is_known_helper(std::string_view helper);

/// A helper's name near to the one given.
[[nodiscard]] std::optional<std::string> nearest_helper(std::string_view helper);

}  // namespace vuurmuur::sema
