// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "history/archive.h"
#include "history/journal.h"

namespace vuurmuur::history {

/// What a generation is made of.
struct Snapshot {
  Files configuration;  ///< every file of the tree that was read, by its path in the tree
  std::string rules;    ///< the ruleset as text, for people
  bool operator==(const Snapshot&) const = default;
};

/// The generations on disk: DIRECTORY/journal.json and DIRECTORY/generations/NUMBER.tar.gz. A generation is written
/// before the journal names it and removed after the journal forgot it, so whenever the machine stops the journal is
/// whole and what it names is there. Processes that write take turns (StoreLock).
class Store {
 public:
  Store(base::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}

  /// An empty journal when there is none.
  [[nodiscard]] base::Result<Journal> read_journal() const;
  /// Replaces the journal, and removes archives of generations that it does not name.
  [[nodiscard]] base::Result<void> write_journal(Journal& journal);

  [[nodiscard]] base::Result<Snapshot> read_snapshot(Number number) const;
  [[nodiscard]] base::Result<void> write_snapshot(Number number, const Snapshot& snapshot);

  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  [[nodiscard]] std::string journal_path() const { return directory_ + "/journal.json"; }
  [[nodiscard]] std::string generations_path() const { return directory_ + "/generations"; }
  [[nodiscard]] std::string archive_path(Number number) const;
  void remove_strays(const Journal& journal);

  base::FileSystem& files_;
  std::string directory_;
};

}  // namespace vuurmuur::history
