// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/memory_file_system.h"
#include "config/tree.h"
#include "diag/diagnostic.h"
#include "edit/changes.h"
#include "edit/draft.h"
#include "edit/refusal.h"
#include "sema/policy.h"

namespace vuurmuur::app {

/// A line of rules/rules.conf.
struct RuleLine {
  std::string text;                                 ///< as it is written
  const model::Rule* rule = nullptr;                ///< nothing for a line that has an error
  std::vector<const diag::Diagnostic*> problems{};  ///< what is wrong with it
};

/// Up to so many rules a reading is judged at once: a step has to be answered before a person notices it.
inline constexpr std::size_t kMostRulesJudgedAtOnce = 5000;

/// What files say, read as a whole.
struct Reading {
  std::shared_ptr<const config::Tree> tree;
  diag::Sink problems;          ///< of reading, of resolving names, and of rules that others leave nothing
  bool is_judged = false;       ///< whether problems of the last kind were looked for
  sema::Policy policy;          ///< without the rules that have errors
  std::vector<RuleLine> rules;  ///< in the order of the file: the first is rule 1
};

/// The configuration as it is edited: what was read from the disk and what was changed since, step by step. Nothing of
/// it touches the disk.
class Workspace {
 public:
  /// `files` as take_snapshot() gives them.
  Workspace(std::shared_ptr<const base::MemoryFileSystem> files, std::string root);

  [[nodiscard]] const std::string& root() const { return root_; }
  /// As it is with all changes.
  [[nodiscard]] const Reading& now() const { return *reading_; }
  [[nodiscard]] const std::shared_ptr<const Reading>& shared() const { return reading_; }
  [[nodiscard]] const config::Tree& tree() const { return *reading_->tree; }
  [[nodiscard]] const model::Policy& policy() const { return reading_->tree->policy; }
  /// The files as they were read.
  [[nodiscard]] const base::MemoryFileSystem& files() const { return *files_; }

  /// From what was read to what is now.
  [[nodiscard]] const edit::Changes& changes() const { return changes_; }
  /// How many steps lead from what was read to what is now.
  [[nodiscard]] int change_count() const { return static_cast<int>(done_.size()); }

  /// How a step changes the tree. The files are those of the draft's tree.
  using Step = std::function<edit::Wish<void>(edit::Draft& draft, const base::FileSystem& files)>;

  /// Makes a step, all of it or nothing. A step that changes nothing is none.
  [[nodiscard]] edit::Wish<void> edit(std::string what, const Step& step);

  /// What undo() and redo() would take back and make again; empty: nothing.
  [[nodiscard]] std::string last_step() const { return done_.empty() ? "" : done_.back().what; }
  [[nodiscard]] std::string next_step() const { return undone_.empty() ? "" : undone_.back().what; }
  void undo();
  void redo();
  /// The steps that lead from what was read to what is now.
  [[nodiscard]] std::vector<std::string> steps() const;

  /// Takes a reading that was judged meanwhile, unless there was a step since it was asked for.
  void take(const std::shared_ptr<const Reading>& asked, std::shared_ptr<const Reading> found);

  /// The draft is on the disk now: it is what was read, and nothing is to be undone.
  void settle();
  /// Goes over to other files with a draft that was made to fit them, as one step that cannot be undone half.
  void rebase(std::shared_ptr<const base::MemoryFileSystem> files, edit::Changes draft, std::string what);
  /// The paths in the tree of files that are others than those that were read, or not there any more, or new.
  [[nodiscard]] std::vector<std::string> differing(const base::MemoryFileSystem& files) const;

 private:
  struct Done {
    std::string what;             ///< "rule 3 is off"
    edit::Changes before, after;  ///< changes_ before and behind it
  };

  void read_again();

  std::shared_ptr<const base::MemoryFileSystem> files_;
  std::string root_;
  edit::Changes changes_;
  std::shared_ptr<const Reading> reading_;
  std::vector<Done> done_, undone_;
};

/// Reads a tree and resolves its names; with few rules they are judged, too.
[[nodiscard]] std::shared_ptr<const Reading> read(const base::FileSystem& files, const std::string& root);

/// The same reading with what is to be said of rules that others leave nothing. A second for 100,000 rules.
[[nodiscard]] std::shared_ptr<const Reading> judge(const Reading& reading);

}  // namespace vuurmuur::app
