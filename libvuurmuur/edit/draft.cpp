// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/draft.h"

#include "config/schema.h"

namespace vuurmuur::edit {

using config::Document;

Draft::Draft(const base::FileSystem& files, const std::string& root)
    : tree_(std::make_shared<const config::Tree>(config::read_tree(files, root, problems_))) {}

const Document* Draft::find(const std::string& path) const {
  if (const auto drafted = drafted_.find(path); drafted != drafted_.end())
    return drafted->second ? &*drafted->second : nullptr;
  const auto read = tree_->documents.find(path);
  return read == tree_->documents.end() ? nullptr : &read->second;
}

Document& Draft::at(const std::string& path, config::FileType type) {
  auto& drafted = drafted_[path];
  if (drafted) return *drafted;
  const auto read = tree_->documents.find(path);
  drafted = read == tree_->documents.end() ? Document({}, config::key_case(type)) : read->second;
  return *drafted;
}

void Draft::put(const std::string& path, config::FileType type, std::string text) {
  drafted_[path] = Document(std::move(text), config::key_case(type));
}

void Draft::remove(const std::string& path) { drafted_[path] = std::nullopt; }

Changes Draft::changes() const {
  Changes changes{.files = {}, .removed_directories = removed_directories_};
  for (const auto& [path, document] : drafted_) {
    FileChange change{.path = path, .before = {}, .after = {}};
    if (const auto read = tree_->documents.find(path); read != tree_->documents.end())
      change.before = read->second.to_text();
    if (document) change.after = document->to_text();
    if (change.before != change.after) changes.files.push_back(std::move(change));
  }
  return changes;
}

}  // namespace vuurmuur::edit
