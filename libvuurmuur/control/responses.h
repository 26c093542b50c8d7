// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "control/checked_policy.h"
#include "respond/responses.h"

namespace vuurmuur::control {

/// What alerts lead to, and whom that never blocks.
struct ResponsePolicy {
  respond::Responses responses;
  std::vector<net::Prefix> never;
  std::vector<sema::Bait> baits;  ///< that statements lead to, which have their names
};

/// The prefixes behind a word, or a message for the user.
using FindPrefixes = std::function<std::expected<std::vector<net::Prefix>, std::string>(const std::string& word)>;

/// The bait that a word names, or a message for the user.
using FindBait = std::function<std::expected<sema::Bait, std::string>(const std::string& word)>;

/// Reads statements, and finds out whom their names mean. What is wrong is reported.
[[nodiscard]] ResponsePolicy read_response_policy(const diag::SourceMap& sources, diag::FileId file,
                                                  const FindPrefixes& find, const FindBait& find_bait,
                                                  diag::Sink& sink);

/// Reads the tree's rules/responses.conf and tells what is wrong with it. Nothing when there is no such file.
void check_responses(CheckedPolicy& checked);

}  // namespace vuurmuur::control
