// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/merge.h"

#include <algorithm>
#include <map>

#include "base/assert.h"

namespace vuurmuur::app {
namespace {

using Kind = base::MergePiece::Kind;

std::optional<std::string> text_of(const base::MemoryFileSystem& files, const std::string& path) {
  const auto found = files.files.find(path);
  return found == files.files.end() ? std::nullopt : std::optional(found->second);
}

MergedFile merge_file(const edit::FileChange& mine, std::optional<std::string> theirs) {
  MergedFile file{.path = mine.path, .mine = mine.after, .theirs = std::move(theirs), .pieces = {}, .sides = {}};
  const std::string before = mine.before.value_or("");
  if (file.mine && file.theirs) {
    file.pieces = base::merge_lines(before, *file.mine, *file.theirs);
  } else if (file.mine || file.theirs) {
    file.pieces = {
        {.kind = Kind::Overlap, .before = before, .mine = file.mine.value_or(""), .theirs = file.theirs.value_or("")}};
  }
  file.sides.resize(file.pieces.size());
  return file;
}

}  // namespace

std::optional<std::string> MergedFile::result() const {
  if (!mine || !theirs) {
    if (pieces.empty()) return std::nullopt;
    return sides.front() == Side::Mine ? mine : theirs;
  }
  return base::merged_text(pieces, [this](std::size_t piece) { return sides[piece] == Side::Mine; });
}

int Merge::open_count() const {
  int count = 0;
  for (const MergedFile& file : files)
    for (std::size_t piece = 0; piece < file.pieces.size(); ++piece) count += file.is_open(piece) ? 1 : 0;
  return count;
}

void Merge::decide_all(Side side) {
  for (MergedFile& file : files)
    for (std::size_t piece = 0; piece < file.pieces.size(); ++piece)
      if (file.is_open(piece)) file.sides[piece] = side;
}

edit::Changes Merge::result(const edit::Changes& draft, const base::MemoryFileSystem& newer,
                            const std::string& root) const {
  VM_ASSERT(open_count() == 0);
  edit::Changes changes;
  for (const edit::FileChange& change : draft.files) {
    const auto merged = std::ranges::find(files, change.path, &MergedFile::path);
    edit::FileChange on_newer = change;
    if (merged != files.end()) on_newer = {.path = change.path, .before = merged->theirs, .after = merged->result()};
    if (on_newer.before != on_newer.after) changes.files.push_back(std::move(on_newer));
  }
  // A directory goes when all that is in it by now goes.
  for (const std::string& directory : draft.removed_directories) {
    const bool is_used = std::ranges::any_of(newer.files, [&](const auto& file) {
      if (!file.first.starts_with(root + "/" + directory + "/")) return false;
      const auto change = std::ranges::find(changes.files, file.first.substr(root.size() + 1), &edit::FileChange::path);
      return change == changes.files.end() || change->after;
    });
    if (!is_used) changes.removed_directories.push_back(directory);
  }
  return changes;
}

Merge merge(const Workspace& workspace, const base::MemoryFileSystem& newer) {
  Merge merge;
  const auto& draft = workspace.changes().files;
  for (const std::string& path : workspace.differing(newer)) {
    const std::string whole = workspace.root() + "/" + path;
    auto theirs = text_of(newer, whole);
    const auto mine = std::ranges::find(draft, path, &edit::FileChange::path);
    if (mine == draft.end()) {
      merge.others.push_back({.path = path, .before = text_of(workspace.files(), whole), .after = std::move(theirs)});
    } else {
      merge.files.push_back(merge_file(*mine, std::move(theirs)));
    }
  }
  return merge;
}

}  // namespace vuurmuur::app
