// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "config/schema.h"
#include "config/tree.h"
#include "diag/diagnostic.h"
#include "edit/changes.h"

namespace vuurmuur::edit {

/// A configuration tree as an editor read it, and what he has changed so far. Nothing is written: changes() goes to
/// save(), which finds out whether the files are still what was read here.
class Draft {
 public:
  Draft(const base::FileSystem& files, const std::string& root);
  /// Of a tree that was read before; problems() has none then.
  explicit Draft(std::shared_ptr<const config::Tree> tree) : tree_(std::move(tree)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  /// As it was read.
  [[nodiscard]] const config::Tree& tree() const { return *tree_; }
  /// What was wrong with it.
  [[nodiscard]] const diag::Sink& problems() const { return problems_; }

  /// A file as it is by now; null when there is none.
  [[nodiscard]] const config::Document* find(const std::string& path) const;
  /// The same to be changed, made empty when there is none.
  [[nodiscard]] config::Document& at(const std::string& path, config::FileType type);
  /// Makes a file this text.
  void put(const std::string& path, config::FileType type, std::string text);
  void remove(const std::string& path);
  /// A directory that is to go once the files in it are gone; from the inside out.
  void remove_directory(std::string path) { removed_directories_.push_back(std::move(path)); }

  /// Every file that is not what it was, by path.
  [[nodiscard]] Changes changes() const;

 private:
  diag::Sink problems_;
  std::shared_ptr<const config::Tree> tree_;
  std::map<std::string, std::optional<config::Document>> drafted_;
  std::vector<std::string> removed_directories_;
};

}  // namespace vuurmuur::edit
