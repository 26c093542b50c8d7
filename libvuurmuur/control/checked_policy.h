// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "config/tree.h"
#include "control/surroundings.h"
#include "diag/diagnostic.h"
#include "sema/objects.h"
#include "sema/policy.h"
#include "sema/rules.h"

namespace vuurmuur::control {

/// A configuration tree read and resolved, with all that was found wrong. It stays where it is: `policy` refers to
/// the others.
struct CheckedPolicy {
  CheckedPolicy() = default;
  CheckedPolicy(const CheckedPolicy&) = delete;
  CheckedPolicy& operator=(const CheckedPolicy&) = delete;

  diag::Sink sink;
  config::Tree tree;
  /// The tree's policy in these surroundings (surroundings.h), when they matter to it.
  std::optional<model::Policy> in_surroundings;
  sema::Policy policy;
  sema::Objects objects;  ///< what the names in it stand for

  /// Puts the tree's policy into surroundings, and tells what has other addresses there than before; `policy` is to be
  /// resolved anew. Its rules are copied once only.
  sema::Readdressed put_in(const Surroundings& around);

  /// Resolves the tree that was read anew, in other surroundings, as far as these change it; what is wrong with it is in
  /// `sink` already, and was no error. An error: it cannot be as it is there, which is more rules than a table holds.
  [[nodiscard]] base::Result<void> resolve_in(const Surroundings& around);
};

/// Reads and resolves a tree, in the surroundings of the moment when those matter to it. Without a source, nothing is
/// known of names.
[[nodiscard]] std::unique_ptr<CheckedPolicy> check_tree(const base::FileSystem& files, const std::string& directory,
                                                        const NameSource& names = {});

}  // namespace vuurmuur::control
