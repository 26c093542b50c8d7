// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>

#include "cli/command.h"
#include "config/tree.h"
#include "diag/diagnostic.h"
#include "sema/policy.h"

namespace vuurmuur::cli {

/// A configuration tree read and resolved, with all that was found wrong. It stays where it is: `policy` refers to
/// `tree`.
struct CheckedPolicy {
  CheckedPolicy() = default;
  CheckedPolicy(const CheckedPolicy&) = delete;
  CheckedPolicy& operator=(const CheckedPolicy&) = delete;

  diag::Sink sink;
  config::Tree tree;
  sema::Policy policy;
};

/// The directory that a command is about: its argument, or the installed default.
[[nodiscard]] std::string directory_of(const Arguments& arguments);

/// Reads and resolves a tree.
[[nodiscard]] std::unique_ptr<CheckedPolicy> check_tree(const base::FileSystem& files, const std::string& directory);

/// Writes the diagnostics, if there are any, to the error output.
void print_diagnostics(Context& context, const CheckedPolicy& checked);

}  // namespace vuurmuur::cli
