// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// The sets of a ruleset in the kernel: made before any table asks them, taken away when no table does any more. A name
/// tells its content (ir::set_name()), so a set that is there already is the one that is wanted, unless another program
/// changed it.
class SetStore {
 public:
  /// `checks`: sets that are there are read, and exchanged when they do not hold what their names tell.
  SetStore(Kernel& kernel, const ir::Ruleset& ruleset, const backend::TextOptions& options, bool checks = false);

  /// Makes those that are missing. On failure those of this call are there; undo() takes them away.
  [[nodiscard]] base::Result<void> create(bool has_ipv6);

  /// What rules say instead of names: of all sets that the kernel has, after create().
  [[nodiscard]] const backend::SetIndices& indices() const { return indices_; }

  /// Takes away the sets of ours that the ruleset does not name. One that a rule of somebody else uses stays, with a
  /// warning.
  void remove_unused(std::vector<std::string>& warnings);

  /// Takes away what create() has made; the problems met.
  [[nodiscard]] std::vector<std::string> undo();

 private:
  [[nodiscard]] base::Result<bool> is_right(const ir::Set& set, bool has_ipv6);
  [[nodiscard]] base::Error refusal(const ir::Set& set, const SetRefusal& refused) const;

  Kernel& kernel_;
  const ir::Ruleset& ruleset_;
  backend::TextOptions options_;
  bool checks_;
  backend::SetIndices indices_;
  std::vector<std::string> made_, own_;  ///< `own_`: ours that were there before
};

/// The numbers of the sets that the kernel has now, for reading rules.
[[nodiscard]] base::Result<backend::SetIndices> set_indices(Kernel& kernel);

/// Makes a ruleset's sets of one family without their elements, for rules that only have to be accepted.
[[nodiscard]] base::Result<backend::SetIndices> create_empty_sets(Kernel& kernel, const ir::Ruleset& ruleset,
                                                                  net::Family family);

}  // namespace vuurmuur::apply
