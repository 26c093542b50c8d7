// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apply/apply.h"
#include "apply/set_store.h"
#include "apply/settings.h"

namespace vuurmuur::apply {

/// Brings the tables of both families and the kernel settings from what they are to what a ruleset says, or leaves
/// everything as it was. The caller holds the xtables lock.
///
/// Order: sets; settings that are flagged to come first; a guard in front of the filter chains (guard.h) when other
/// tables change too or nothing of ours was there; raw, mangle, nat; filter, which removes the guard; the other
/// settings; sets that no rule asks any more go. IPv6 before IPv4 each time. When only filter changes, that is one
/// commit a family and needs no guard.
class Transaction {
 public:
  enum class Purpose {
    Apply,
    Clear,  ///< the ruleset is empty; filter gets its policies back even when nothing of ours is there; no guard
  };
  Transaction(Kernel& kernel, const ir::Ruleset& ruleset, const Options& options, Purpose purpose);

  /// Once.
  [[nodiscard]] base::Result<void> run();

  /// After run().
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  /// What a commit is to do to a table.
  enum class Step { Guard, Content };

  struct TableState {
    net::Family family = net::Family::Ipv4;
    ir::TableName name = ir::TableName::Filter;
    std::unique_ptr<KernelTable> edited;  ///< read and changed in memory, not committed
    bool is_changed = false;              ///< whether the content will be committed
    bool is_guarded = false;              ///< whether a guard is put in first
    bool has_guard_committed = false;
    bool has_content_committed = false;
    std::optional<TableSnapshot> before;
    std::vector<std::string> warnings;
  };

  [[nodiscard]] base::Result<void> make_sets();
  [[nodiscard]] base::Result<void> prepare_all();
  [[nodiscard]] base::Result<void> commit_all();
  void roll_back(base::Error& error);

  [[nodiscard]] base::Result<bool> open_if_concerned(TableState& state);
  [[nodiscard]] base::Result<void> edit(TableState& state, Step step);
  [[nodiscard]] base::Result<void> commit(TableState& state, Step step);
  [[nodiscard]] base::Error refusal(const TableState& state, Step step, const base::Error& error);
  void close_the_door(TableState& filter);
  [[nodiscard]] const ir::Table& wanted(const TableState& state) const;
  [[nodiscard]] backend::TextOptions text_options() const;
  void tell(const std::string& message) const;

  Kernel& kernel_;
  const ir::Ruleset& ruleset_;
  const Options& options_;
  Purpose purpose_;
  SetStore sets_;
  Settings settings_;
  std::vector<TableState> states_;  ///< in the order of their commits, filter last
  std::vector<std::string> warnings_;
};

}  // namespace vuurmuur::apply
