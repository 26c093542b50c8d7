// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <memory>
#include <string>

#include "cli/policy.h"
#include "cli/service.h"

namespace vuurmuur::cli {

/// A policy that is held against another one.
struct ComparedPolicy {
  std::string title;  ///< "generation 3", or the directory
  std::unique_ptr<CheckedPolicy> checked;
};

/// Both, first the one that is taken as it was.
struct ComparedPolicies {
  ComparedPolicy before, after;
};

/// Whether a word on the command line names a directory and no generation: it has a slash or begins with a dot.
[[nodiscard]] bool is_directory_word(const std::string& word);

/// The policies that "diff --traffic" is about: none named, the generation in force and the configuration directory;
/// one generation, that one and the directory it was made of; one directory, the generation in force and it; else the
/// two that are named. A policy with errors cannot be compared. The error is a message for the user.
[[nodiscard]] std::expected<ComparedPolicies, std::string> policies_to_compare(Context& context,
                                                                               const Arguments& arguments);

/// The policy that "diff --running" is about: a generation or a configuration directory, or, when none is named, the
/// generation in force.
[[nodiscard]] std::expected<ComparedPolicy, std::string> policy_to_compare(Context& context,
                                                                           const Arguments& arguments);

}  // namespace vuurmuur::cli
