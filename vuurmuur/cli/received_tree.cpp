// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/received_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <ranges>
#include <set>

#include "base/strings.h"
#include "config/tree.h"
#include "control/tree_recorder.h"

namespace vuurmuur::cli {
namespace {

constexpr std::string_view kBefore = "before/", kAfter = "after/", kAbout = "about.json";

std::string path_in(const std::string& state) { return state + "/received.tar.gz"; }

/// Whether a name leads to a file in the tree: no part of it is empty or begins with a dot.
bool is_in_tree(std::string_view name) {
  return std::ranges::all_of(base::split(name, '/'), [](std::string_view part) {
    return !part.empty() && part.front() != '.' && part.find('\0') == std::string_view::npos;
  });
}

/// The directories above a path, from the inside out.
std::vector<std::string> directories_above(std::string_view path) {
  std::vector<std::string> found;
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos; slash = path.rfind('/')) {
    path = path.substr(0, slash);
    found.emplace_back(path);
  }
  return found;
}

nlohmann::ordered_json number_or_null(const std::optional<history::Number>& number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
}

Reception reception_from(const history::Files& packed) {
  const auto about = nlohmann::ordered_json::parse(packed.at(std::string(kAbout)));
  const auto number = [&](const char* name) {
    return about.at(name).is_null() ? std::nullopt : std::optional(about.at(name).get<history::Number>());
  };
  Reception reception{
      .directory = about.at("directory").get<std::string>(),
      .changes = {.files = {}, .removed_directories = about.at("removed_directories").get<std::vector<std::string>>()},
      .former = number("former"),
      .made = number("made")};
  for (const auto& path : about.at("files").get<std::vector<std::string>>()) {
    const auto content = [&](std::string_view side) {
      const auto file = packed.find(std::string(side) + path);
      return file == packed.end() ? std::nullopt : std::optional(file->second);
    };
    reception.changes.files.push_back({.path = path, .before = content(kBefore), .after = content(kAfter)});
  }
  return reception;
}

}  // namespace

base::Result<history::Files> received_files(std::string_view archive) {
  auto files = history::unpack(archive);
  if (!files) return std::unexpected(std::move(files).error().within("read the configuration that was sent"));
  for (const auto& [name, content] : *files)
    if (!is_in_tree(name)) return base::failure(fmt::format("'{}' is no file of a configuration", name));
  if (!files->contains("config.conf") && !files->contains("rules/rules.conf"))
    return base::failure("what was sent is no configuration");
  return files;
}

history::Files files_of_tree(const base::FileSystem& files, const std::string& directory) {
  const control::TreeRecorder recorder(files);
  diag::Sink ignored;
  const config::Tree tree = config::read_tree(recorder, directory, ignored);
  history::Files found = recorder.below(tree.root);
  found.erase(std::string(config::kUnfinishedEdit));
  return found;
}

edit::Changes changes_to(const history::Files& before, const history::Files& after) {
  edit::Changes changes;
  std::set<std::string> kept;
  for (const auto& [path, content] : after) {
    for (std::string& directory : directories_above(path)) kept.insert(std::move(directory));
    const auto file = before.find(path);
    if (file != before.end() && file->second == content) continue;
    changes.files.push_back(
        {.path = path, .before = file == before.end() ? std::nullopt : std::optional(file->second), .after = content});
  }
  std::set<std::string, std::greater<>> gone;  // So that those inside come before those around them.
  for (const auto& [path, content] : before) {
    if (after.contains(path)) continue;
    changes.files.push_back({.path = path, .before = content, .after = {}});
    for (std::string& directory : directories_above(path))
      if (!kept.contains(directory)) gone.insert(std::move(directory));
  }
  changes.removed_directories.assign(gone.begin(), gone.end());
  return changes;
}

base::Result<void> keep(base::FileSystem& files, const std::string& state, const Reception& reception) {
  nlohmann::ordered_json about{{"directory", reception.directory},
                               {"former", number_or_null(reception.former)},
                               {"made", number_or_null(reception.made)},
                               {"removed_directories", reception.changes.removed_directories},
                               {"files", nlohmann::ordered_json::array()}};
  history::Files packed;
  for (const edit::FileChange& change : reception.changes.files) {
    about["files"].push_back(change.path);
    if (change.before) packed[std::string(kBefore) + change.path] = *change.before;
    if (change.after) packed[std::string(kAfter) + change.path] = *change.after;
  }
  packed[std::string(kAbout)] = about.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
  const std::string archive = VM_TRY(history::pack(packed));
  VM_TRY_VOID(files.make_directories(state));
  return files.replace_file(path_in(state), archive, 0600);
}

base::Result<std::optional<Reception>> kept(const base::FileSystem& files, const std::string& state) {
  const std::string path = path_in(state);
  const auto archive = files.read_file(path);
  if (!archive && archive.error().code == ENOENT) return std::nullopt;
  if (!archive) return std::unexpected(archive.error());
  const auto packed = VM_TRY(history::unpack(*archive));
  try {
    return reception_from(packed);
  } catch (const std::exception&) {
    return base::failure(fmt::format("'{}' is damaged", path));
  }
}

base::Result<void> forget(base::FileSystem& files, const std::string& state) {
  auto removed = files.remove(path_in(state));
  if (!removed && removed.error().code == ENOENT) return {};
  return removed;
}

edit::Changes undoing(const edit::Changes& changes) {
  edit::Changes undo;
  for (const edit::FileChange& change : changes.files | std::views::reverse)
    undo.files.push_back({.path = change.path, .before = change.after, .after = change.before});
  std::set<std::string> kept;
  std::set<std::string, std::greater<>> made;
  for (const edit::FileChange& change : changes.files) {
    if (change.before)
      for (std::string& directory : directories_above(change.path)) kept.insert(std::move(directory));
  }
  for (const edit::FileChange& change : changes.files)
    if (!change.before)
      for (std::string& directory : directories_above(change.path))
        if (!kept.contains(directory)) made.insert(std::move(directory));
  // One that has other files stays: only empty ones can be removed.
  undo.removed_directories.assign(made.begin(), made.end());
  return undo;
}

}  // namespace vuurmuur::cli
