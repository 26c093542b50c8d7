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
};

/// The prefixes behind a word, or a message for the user.
using FindPrefixes = std::function<std::expected<std::vector<net::Prefix>, std::string>(const std::string& word)>;

/// Reads statements, and finds out whom their names mean. What is wrong is reported.
[[nodiscard]] ResponsePolicy read_response_policy(const diag::SourceMap& sources, diag::FileId file,
                                                  const FindPrefixes& find, diag::Sink& sink);

/// Reads the tree's rules/responses.conf and tells what is wrong with it. Nothing when there is no such file.
void check_responses(CheckedPolicy& checked);

}  // namespace vuurmuur::control
