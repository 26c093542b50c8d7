// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "history/archive.h"
#include "history/journal.h"

namespace vuurmuur::history {

/// The generations on disk: DIRECTORY/journal.json, and of each generation DIRECTORY/generations/NUMBER/ with its
/// configuration (config.tar.gz), its ruleset as text (rules.tar.gz) and what its rules had counted at its end
/// (counters.json). A configuration is written before the journal names its generation, and removed after the journal
/// forgot it: whenever the machine stops, the journal is whole and what it names is there. Processes that write take
/// turns (take_store_lock).
class Store {
 public:
  Store(base::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}

  /// An empty journal when there is none. One that is damaged is an error that tells the line and what to do.
  [[nodiscard]] base::Result<Journal> read_journal() const;
  /// Replaces the journal, without the oldest generations when there are too many, and removes the files of those that
  /// it does not name.
  [[nodiscard]] base::Result<void> write_journal(Journal& journal);

  /// Every file of the tree that was read, by its path in the tree.
  [[nodiscard]] base::Result<Files> read_configuration(Number number) const;
  /// In the form in which write_configuration() takes it; needs nothing of the store, so that it can be made beside
  /// other work, as packed_rules().
  [[nodiscard]] static base::Result<std::string> packed_configuration(const Files& configuration) {
    return pack(configuration);
  }
  [[nodiscard]] base::Result<void> write_configuration(Number number, const base::Result<std::string>& packed);

  /// The ruleset as text, for people.
  [[nodiscard]] base::Result<std::string> read_rules(Number number) const;
  /// In the form in which write_rules() takes it.
  [[nodiscard]] static base::Result<std::string> packed_rules(std::string rules);
  [[nodiscard]] base::Result<void> write_rules(Number number, const base::Result<std::string>& packed);

  /// What its rules had counted, as JSON.
  [[nodiscard]] base::Result<std::string> read_counters(Number number) const;
  [[nodiscard]] base::Result<void> write_counters(Number number, std::string_view json);

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] const base::FileSystem& files() const { return files_; }

 private:
  [[nodiscard]] std::string journal_path() const { return directory_ + "/journal.json"; }
  [[nodiscard]] std::string generations_path() const { return directory_ + "/generations"; }
  [[nodiscard]] std::string path_of(Number number, std::string_view name = {}) const;
  [[nodiscard]] base::Result<Files> read_archive(Number number, std::string_view name) const;
  [[nodiscard]] base::Result<void> write_file(Number number, std::string_view name, std::string_view content);
  void remove_strays(const Journal& journal);

  base::FileSystem& files_;
  std::string directory_;
};

}  // namespace vuurmuur::history
