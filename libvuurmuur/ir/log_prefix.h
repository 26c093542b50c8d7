// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the rules that log write in front of their records: "vrmr: DROP in policy #k3v9f0wx". Whoever reads them by their
// beginnings finds what he always found; the identity at the end says which rule of the policy it was
// (doc/decisions/0023-log-identity.md).
namespace vuurmuur::ir {

/// What our prefixes begin with.
inline constexpr std::string_view kLogLead = "vrmr: ";
/// Characters of an identity, without the '#' before it.
inline constexpr std::size_t kIdentitySize = 8;

/// A number of 40 bits in the digits that identities are written with: 0 to 9 and the lower-case letters without i, l, o and u.
[[nodiscard]] std::string identity_text(std::uint64_t number);
/// The identity of what a text says: nothing but the text goes in.
[[nodiscard]] std::uint64_t identity_of(std::string_view text);

/// A prefix with an identity behind it; what is too long for the kernel then is cut before it.
[[nodiscard]] std::string with_identity(std::string_view prefix, std::string_view identity);

/// A prefix of ours in its parts, which lie in the text that was read.
struct LogPrefix {
  std::string_view action;    ///< "DROP"
  std::string_view text;      ///< "in policy ": with its blank, as the rule has it
  std::string_view identity;  ///< "k3v9f0wx"; empty when there is none
};

/// Nothing when the prefix does not begin as ours do.
[[nodiscard]] std::optional<LogPrefix> read_log_prefix(std::string_view prefix);

}  // namespace vuurmuur::ir
