// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::net {

/// A host's name in DNS in the form in which it is compared and asked for: lower case, without a final dot. Nothing for
/// what is none: labels of 1 to 63 letters, digits, '-' (not at an end) and '_', 253 characters in all (RFC 1035 2.3.4, RFC
/// 1123 2.1). A name has a dot, if only at its end, and its last label is not a number, so that no address that is
/// written wrong is a name.
[[nodiscard]] std::optional<std::string> parse_dns_name(std::string_view text);

}  // namespace vuurmuur::net
