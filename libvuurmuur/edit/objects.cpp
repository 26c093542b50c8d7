// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/assert.h"
#include "base/nearest.h"
#include "base/strings.h"
#include "edit/references.h"

namespace vuurmuur::edit {
namespace {

using Why = Refusal::Why;

bool is_list(Kind kind) { return kind == Kind::Rules || kind == Kind::Blocklist; }

/// The zone of a network, the network of a host or group.
std::optional<Object> container_of(const Object& object) {
  switch (object.kind) {
    case Kind::Host:
    case Kind::Group: return Object{Kind::Network, parent_of(object.name)};
    case Kind::Network: return Object{Kind::Zone, parent_of(object.name)};
    default: return std::nullopt;
  }
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// The directories that a zone or network is, from the inside out.
std::vector<std::string> directories_of(const Object& object) {
  const std::string directory = directory_of(path_of(object));
  if (object.kind == Kind::Zone) return {directory + "/networks", directory};
  return {directory + "/hosts", directory + "/groups", directory};
}

/// Files in the directories of an object that are none of the tree's, which nobody but their owner may lose.
std::optional<std::string> strange_files(const Draft& draft, const base::FileSystem& files, const Object& object) {
  std::string found;
  const std::string own = directory_of(path_of(object));
  for (const std::string& directory : directories_of(object)) {
    const auto names = files.list_directory(fmt::format("{}/{}", draft.tree().root, directory));
    if (!names) continue;
    for (const std::string& name : *names) {
      const std::string path = fmt::format("{}/{}", directory, name);
      const bool is_directory_of_tree = directory == own ? (name == "networks" || name == "hosts" || name == "groups")
                                                         : draft.tree().documents.contains(path + "/network.config");
      if (is_directory_of_tree || draft.tree().documents.contains(path)) continue;
      found += found.empty() ? path : ", " + path;
    }
  }
  if (found.empty()) return std::nullopt;
  return found;
}

/// The objects that are directories, of an object and what is in it: the innermost first.
std::vector<Object> directory_objects(const Object& object, const std::vector<Object>& contents) {
  std::vector<Object> directories;
  for (const Object& inside : contents)
    if (inside.kind == Kind::Network) directories.push_back(inside);
  if (object.kind == Kind::Zone || object.kind == Kind::Network) directories.push_back(object);
  return directories;
}

Wish<void> check_directories(const Draft& draft, const base::FileSystem& files, const Object& object,
                             const std::vector<Object>& directories) {
  for (const Object& directory : directories)
    if (const auto strange = strange_files(draft, files, directory))
      return refuse(Why::InUse, fmt::format("{} has other files in its directory: {}", text_of(object), *strange));
  return {};
}

void remove_directories(Draft& draft, const std::vector<Object>& directories) {
  for (const Object& object : directories)
    for (const std::string& directory : directories_of(object)) draft.remove_directory(directory);
}

Wish<void> check_name(const Object& object) {
  if (auto fault = fault_of_name(object)) return refuse(Why::Wrong, std::move(*fault));
  return {};
}

Wish<void> check_there(const Draft& draft, const Object& object) {
  if (auto good = check_name(object); !good) return good;
  if (draft.find(path_of(object)) != nullptr) return {};
  const std::vector<std::string> names = names_in(draft.tree(), object.kind);
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto near = base::nearest(object.name, candidates);
  return refuse(Why::NotFound, fmt::format("there is no {}{}", text_of(object),
                                           near ? fmt::format("; did you mean '{}'?", *near) : ""));
}

Wish<void> check_free(const Draft& draft, const Object& object) {
  if (auto good = check_name(object); !good) return good;
  if (draft.find(path_of(object)) != nullptr)
    return refuse(Why::Exists, fmt::format("there is a {} already", text_of(object)));
  return {};
}

/// "rule 3 (…), group 'x' and 4 more", each once.
std::string text_of(std::vector<std::string> users) {
  users.erase(std::unique(users.begin(), users.end()), users.end());
  constexpr std::size_t kShown = 4;
  const std::size_t count = users.size();
  if (count > kShown) users.resize(kShown);
  return base::join(users, ", ") + (count > kShown ? fmt::format(" and {} more", count - kShown) : "");
}

/// The text with a new name at some places of it.
std::string replaced(std::string text, std::vector<Reference> references, const std::string& full_name) {
  std::ranges::sort(references, {}, [](const Reference& reference) { return reference.span.begin; });
  for (auto reference = references.rbegin(); reference != references.rend(); ++reference) {
    const diag::Span span = reference->span;
    text.replace(span.begin, span.end - span.begin, reference->is_full_name ? full_name : first_part(full_name));
  }
  return text;
}

/// A name that ends with the old one, with the new one instead.
std::string renamed(const std::string& name, const std::string& old_name, const std::string& new_name) {
  return name.substr(0, name.size() - old_name.size()) + new_name;
}

void move_file(Draft& draft, const Object& from, const Object& to) {
  const std::string path = path_of(from);
  const config::Document* document = draft.find(path);
  if (document == nullptr) return;
  draft.put(path_of(to), file_type(from.kind), document->to_text());
  draft.remove(path);
}

}  // namespace

Wish<config::Document*> open_object(Draft& draft, const Object& object) {
  if (!is_list(object.kind))
    if (auto there = check_there(draft, object); !there) return std::unexpected(std::move(there).error());
  return &draft.at(path_of(object), file_type(object.kind));
}

Wish<void> create_object(Draft& draft, const Object& object) {
  if (is_list(object.kind)) return refuse(Why::Wrong, fmt::format("{} cannot be made", text_of(object)));
  if (auto free = check_free(draft, object); !free) return free;
  if (const auto container = container_of(object))
    if (auto there = check_there(draft, *container); !there) return there;
  draft.put(path_of(object), file_type(object.kind), new_text(object.kind));
  return {};
}

Wish<void> remove_object(Draft& draft, const base::FileSystem& files, const Object& object) {
  if (is_list(object.kind)) return refuse(Why::Wrong, fmt::format("{} cannot be deleted", text_of(object)));
  if (auto there = check_there(draft, object); !there) return there;
  std::vector<std::string> users;
  for (const Reference& reference : references_to(draft.tree(), object)) users.push_back(reference.by);
  if (!users.empty())
    return refuse(Why::InUse, fmt::format("{} is used by {}", text_of(object), text_of(std::move(users))));
  for (const Object& inside : contents_of(draft.tree(), object)) users.push_back(text_of(inside));
  if (!users.empty())
    return refuse(Why::InUse, fmt::format("{} is not empty: {}", text_of(object), text_of(std::move(users))));
  const std::vector<Object> directories = directory_objects(object, {});
  if (auto good = check_directories(draft, files, object, directories); !good) return good;
  draft.remove(path_of(object));
  remove_directories(draft, directories);
  return {};
}

Wish<void> rename_object(Draft& draft, const base::FileSystem& files, const Object& object,
                         const std::string& new_name) {
  VM_ASSERT(draft.changes().is_empty());
  if (is_list(object.kind)) return refuse(Why::Wrong, fmt::format("{} cannot be renamed", text_of(object)));
  if (auto there = check_there(draft, object); !there) return there;
  const std::string parent = parent_of(object.name);
  Object to{object.kind, new_name};
  if (!parent.empty() && new_name.find('.') == std::string::npos) to.name += "." + parent;
  if (auto free = check_free(draft, to); !free) return free;
  if (parent_of(to.name) != parent)
    return refuse(Why::Wrong, fmt::format("{} stays in '{}': a new name cannot move it", text_of(object), parent));

  const std::vector<Object> contents = contents_of(draft.tree(), object);
  const std::vector<Object> directories = directory_objects(object, contents);
  if (auto good = check_directories(draft, files, object, directories); !good) return good;
  std::map<std::string, std::vector<Reference>> by_path;
  for (Reference& reference : references_to(draft.tree(), object))
    by_path[draft.tree().sources.file(reference.span.file).path()].push_back(std::move(reference));
  for (auto& [path, references] : by_path) {
    const std::string old = draft.tree().documents.at(path).to_text();
    // Only in config.conf, which names nothing, are keys different from those of rules.
    draft.put(path, config::FileType::Rules, replaced(old, std::move(references), to.name));
  }
  remove_directories(draft, directories);
  for (const Object& inside : contents)
    move_file(draft, inside, {inside.kind, renamed(inside.name, object.name, to.name)});
  move_file(draft, object, to);
  return {};
}

Wish<void> modify_object(Draft& draft, const Object& object, std::string_view variable,
                         std::span<const std::string> values, How how) {
  const auto document = open_object(draft, object);
  if (!document) return std::unexpected(document.error());
  const auto row = find_variable(object.kind, variable);
  if (!row) return std::unexpected(row.error());
  return set_values(**document, object.kind, **row, values, how);
}

}  // namespace vuurmuur::edit
