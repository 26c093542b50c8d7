// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/save.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <ranges>

#include "base/strings.h"
#include "config/tree.h"
#include "history/archive.h"

namespace vuurmuur::edit {
namespace {

constexpr std::string_view kBefore = "before/", kAfter = "after/", kDirectories = "new-directories";

std::string note_path(const std::string& root) { return fmt::format("{}/{}", root, config::kUnfinishedEdit); }

base::Result<std::optional<std::string>> read_if_there(const base::FileSystem& files, const std::string& path) {
  auto content = files.read_file(path);
  if (content) return std::optional(std::move(*content));
  if (content.error().code == ENOENT || content.error().code == ENOTDIR) return std::nullopt;
  return std::unexpected(std::move(content).error());
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// The nearest directory above a path that is there, and its permissions.
std::uint32_t mode_above(const base::FileSystem& files, std::string path) {
  while (path.find('/') != std::string::npos && path.size() > 1) {
    path = directory_of(path);
    if (const auto status = files.status(path); status && status->kind == base::FileKind::Directory)
      return status->mode & 0777;
  }
  return 0700;
}

/// Makes a file this content, or none. A new one may be read and written by whom its directory may: the daemon is
/// another user than who edits.
base::Result<void> bring_to(base::FileSystem& files, const std::string& path,
                            const std::optional<std::string>& content) {
  if (!content) return files.remove(path);
  VM_TRY_VOID(files.make_directories(directory_of(path), mode_above(files, path)));
  return files.replace_file(path, *content, mode_above(files, path) & 0666);
}

/// What is undone when a change fails or is stopped in the middle.
struct Undo {
  std::vector<FileChange> files;
  std::vector<std::string> new_directories;  ///< that the change makes, by their paths in the tree, outer ones first
};

std::vector<std::string> missing_directories(const base::FileSystem& files, const std::string& root,
                                             const Changes& changes) {
  std::vector<std::string> missing;
  for (const FileChange& change : changes.files)
    for (std::size_t slash = change.path.find('/'); change.after && slash != std::string::npos;
         slash = change.path.find('/', slash + 1)) {
      std::string directory = change.path.substr(0, slash);
      if (std::ranges::find(missing, directory) == missing.end() &&
          !files.status(fmt::format("{}/{}", root, directory)))
        missing.push_back(std::move(directory));
    }
  std::ranges::sort(missing);
  return missing;
}

/// Brings a file back to what it was when it is what the change made of it. What it is otherwise by now is somebody
/// else's doing, and stays.
base::Result<void> undo_file(base::FileSystem& files, const std::string& root, const FileChange& change) {
  const std::string path = fmt::format("{}/{}", root, change.path);
  const auto now = VM_TRY(read_if_there(files, path));
  if (now == change.before || now != change.after) return {};
  return bring_to(files, path, change.before);
}

base::Result<void> undo_all(base::FileSystem& files, const std::string& root, const Undo& undo) {
  base::Result<void> result;
  for (const FileChange& change : undo.files | std::views::reverse)
    if (auto undone = undo_file(files, root, change); !undone && result) result = std::move(undone);
  // One that somebody has put something into stays.
  for (const std::string& directory : undo.new_directories | std::views::reverse)
    static_cast<void>(files.remove(fmt::format("{}/{}", root, directory)));
  return result;
}

base::Result<void> write_note(base::FileSystem& files, const std::string& root, const Undo& undo) {
  history::Files note;
  for (const FileChange& change : undo.files) {
    if (change.before) note[std::string(kBefore) + change.path] = *change.before;
    if (change.after) note[std::string(kAfter) + change.path] = *change.after;
  }
  note[std::string(kDirectories)] = base::join(undo.new_directories, "\n");
  const std::string packed = VM_TRY(history::pack(note)), path = note_path(root);
  auto written = files.replace_file(path, packed, 0600);
  if (!written) static_cast<void>(files.remove(path));
  return written;
}

base::Result<Undo> read_note(const std::string& packed) {
  const history::Files note = VM_TRY(history::unpack(packed));
  Undo undo;
  for (const auto& [name, content] : note) {
    if (name == kDirectories) {
      for (const std::string_view directory : base::split(content, '\n'))
        if (!directory.empty()) undo.new_directories.emplace_back(directory);
      continue;
    }
    const bool is_before = name.starts_with(kBefore);
    const std::string path = name.substr((is_before ? kBefore : kAfter).size());
    auto change = std::ranges::find(undo.files, path, &FileChange::path);
    if (change == undo.files.end()) change = undo.files.insert(change, {.path = path, .before = {}, .after = {}});
    (is_before ? change->before : change->after) = content;
  }
  return undo;
}

base::Result<void> write_all(base::FileSystem& files, const std::string& root, const Changes& changes) {
  // What is new first, what is gone last: who reads in between finds everything that is spoken of.
  for (const bool is_removal : {false, true})
    for (const FileChange& change : changes.files)
      if (change.after.has_value() != is_removal)
        VM_TRY_VOID(bring_to(files, fmt::format("{}/{}", root, change.path), change.after));
  return {};
}

std::vector<Conflict> find_conflicts(const std::vector<FileChange>& changes,
                                     const std::vector<std::optional<std::string>>& now) {
  std::vector<Conflict> conflicts;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const FileChange& change = changes[i];
    // Who did the same has done no harm.
    if (now[i] == change.before || now[i] == change.after) continue;
    conflicts.push_back({.path = change.path,
                         .theirs = base::diff_lines(change.before.value_or(""), now[i].value_or("")),
                         .was_there = change.before.has_value(),
                         .is_there = now[i].has_value()});
  }
  return conflicts;
}

}  // namespace

std::string text_of(const Conflict& conflict) {
  std::string text = fmt::format("--- {}\n+++ {}\n", conflict.was_there ? conflict.path + " as it was read" : "no file",
                                 conflict.is_there ? conflict.path + " as it is now" : "no file");
  for (const base::Hunk& hunk : conflict.theirs) {
    text += base::header_of(hunk) + '\n';
    for (const std::string& line : hunk.lines) text += line + '\n';
  }
  return text;
}

base::Result<Outcome> save(base::FileSystem& files, const Turn& turn, const Changes& changes) {
  const std::string& root = turn.root();
  std::vector<std::optional<std::string>> now;
  for (const FileChange& change : changes.files)
    now.push_back(VM_TRY(read_if_there(files, fmt::format("{}/{}", root, change.path))));
  Outcome outcome{.conflicts = find_conflicts(changes.files, now), .verdict = {}};
  if (!outcome.conflicts.empty()) return outcome;
  outcome.verdict = check_changes(files, root, changes);
  if (outcome.verdict.is_refused()) return outcome;

  const Undo undo{.files = changes.files, .new_directories = missing_directories(files, root, changes)};
  // A directory of the tree without its file is an error as well.
  const bool needs_note = changes.files.size() > 1 || !undo.new_directories.empty();
  if (needs_note) VM_TRY_VOID(write_note(files, root, undo));
  auto written = write_all(files, root, changes);
  base::Result<void> undone;
  if (!written) undone = undo_all(files, root, undo);
  if (!undone)
    return base::failure(
        fmt::format("{}; not all could be put back: {}", written.error().message, std::move(undone).error().message));
  // Directories that are empty only look untidy where they stay.
  if (written)
    for (const std::string& directory : changes.removed_directories)
      static_cast<void>(files.remove(fmt::format("{}/{}", root, directory)));
  if (needs_note) {
    auto removed = files.remove(note_path(root));
    if (written && !removed) {
      // With the note there, the next turn would undo it: so it is not done.
      static_cast<void>(undo_all(files, root, undo));
      static_cast<void>(files.remove(note_path(root)));
      return std::unexpected(std::move(removed).error());
    }
  }
  if (!written) return std::unexpected(std::move(written).error());
  return outcome;
}

base::Result<void> recover(base::FileSystem& files, const std::string& root) {
  const std::string path = note_path(root);
  const auto packed = VM_TRY(read_if_there(files, path));
  if (!packed) return {};
  const auto undo = read_note(*packed);
  if (!undo) return std::unexpected(base::Error(undo.error()).within(fmt::format("read '{}'", path)));
  VM_TRY_VOID(undo_all(files, root, *undo));
  return files.remove(path);
}

}  // namespace vuurmuur::edit
