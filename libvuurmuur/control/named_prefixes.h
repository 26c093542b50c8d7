// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "model/policy.h"
#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// Who is meant by a word: an address or network as it is written, or the full name of a host, group or network of a
/// policy. In network form, at least one. The error is a message for the user, in which `directory` is where the policy
/// is from.
[[nodiscard]] std::expected<std::vector<net::Prefix>, std::string> prefixes_named(const model::Policy& policy,
                                                                                  std::string_view word,
                                                                                  const std::string& directory);

/// The bait that a word names, of those that BAIT of a policy names: as it stands there, or the host alone when it
/// stands there once. The error is a message for the user.
[[nodiscard]] std::expected<sema::Bait, std::string> bait_named(const model::Policy& policy, std::string_view word,
                                                                const std::string& directory);

}  // namespace vuurmuur::control
