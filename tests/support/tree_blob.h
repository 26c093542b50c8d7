// SPDX-License-Identifier: GPL-2.0-or-later
// A whole configuration tree in one text, for cases and fuzzers:
//
//     === config.conf
//     LOG_POLICY="Yes"
//     === zones/lan/zone.config mode=0666
//     === rules/rules.conf errno=13
//
// Each "=== PATH" begins a file below the root "/tree" ("." is the root itself). What may follow the path: mode=OCTAL,
// owner=UID (not trusted), size=BYTES (as status tells it), kind=other, link, errno=NUMBER (the path cannot be looked
// at). A tree begins with an empty config.conf, an empty rules/rules.conf and the usual directories, unless its first
// line is "=== bare".
#pragma once
#include <sstream>
#include <string>
#include <string_view>

#include "base/memory_file_system.h"
#include "base/strings.h"

namespace vuurmuur::test {

inline const std::string kBlobRoot = "/tree";

inline void apply_attribute(std::string_view attribute, const std::string& path, base::MemoryFileSystem& files) {
  const std::size_t equals = attribute.find('=');
  const std::string_view name = attribute.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : attribute.substr(equals + 1);
  if (name == "errno") {
    files.failing[path] = base::parse_number<int>(value).value_or(5);
    files.files.erase(path);
    return;
  }
  base::FileStatus& status = files.statuses.try_emplace(path, *files.status(path)).first->second;
  if (name == "mode") status.mode = base::parse_number<std::uint32_t>(value, 8).value_or(0);
  if (name == "size") status.size = base::parse_number<std::uint64_t>(value).value_or(0);
  if (name == "kind") status.kind = base::FileKind::Other;
  if (name == "link") status.is_link = true;
  if (name != "owner") return;
  status.owner = base::parse_number<std::uint32_t>(value).value_or(0);
  status.owner_is_trusted = false;
}

/// The tree of a blob.
inline base::MemoryFileSystem files_of_blob(std::string_view blob) {
  constexpr std::string_view kMark = "=== ";
  base::MemoryFileSystem files;
  if (blob.starts_with("=== bare\n")) {
    blob.remove_prefix(9);
  } else {
    for (const char* name :
         {"/config.conf", "/rules/rules.conf", "/interfaces/.keep", "/services/.keep", "/zones/.keep"})
      files.files[kBlobRoot + name];
  }
  while (!blob.empty()) {
    const std::string_view header = blob.substr(0, blob.find('\n'));
    blob.remove_prefix(std::min(header.size() + 1, blob.size()));
    if (!header.starts_with(kMark)) continue;
    std::size_t end = 0;
    while (end < blob.size() && !blob.substr(end).starts_with(kMark)) {
      const std::size_t newline = blob.find('\n', end);
      end = newline == std::string_view::npos ? blob.size() : newline + 1;
    }
    std::istringstream parts{std::string(header.substr(kMark.size()))};
    std::string path, attribute;
    parts >> path;
    path = path == "." ? kBlobRoot : kBlobRoot + '/' + path;
    files.files[path] = blob.substr(0, end);
    while (parts >> attribute) apply_attribute(attribute, path, files);
    blob.remove_prefix(end);
  }
  return files;
}

}  // namespace vuurmuur::test
