// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/blocklist.h"

#include <optional>

#include "config/read.h"
#include "edit/lines.h"

namespace vuurmuur::edit {
namespace {

constexpr std::string_view kKey = "RULE";

/// What a line blocks; nothing for one that is switched off or cannot be read.
std::optional<model::BlockEntry> entry_of(const std::string& line) {
  config::Document document;
  document.set(kKey, line);
  diag::Sink ignored;
  auto entries = config::read_blocklist({document, {}, ignored});
  if (entries.size() != 1 || !entries.front().active) return std::nullopt;
  return std::move(entries.front());
}

bool says(const std::string& line, const std::string& whom) {
  const auto entry = entry_of(line), wanted = entry_of("block " + whom);
  if (!entry || !wanted) return false;
  return wanted->prefix ? entry->prefix == wanted->prefix : !entry->prefix && *entry->text == *wanted->text;
}

}  // namespace

std::vector<std::string> blocked_in(const config::Document& blocklist) {
  std::vector<std::string> blocked;
  for (const std::string& line : lines_of(blocklist))
    if (const auto entry = entry_of(line)) blocked.push_back(*entry->text);
  return blocked;
}

bool block(config::Document& blocklist, const std::string& whom) {
  std::vector<std::string> lines = lines_of(blocklist);
  for (const std::string& line : lines)
    if (says(line, whom)) return false;
  lines.push_back("block " + whom);
  blocklist.set(kKey, lines);
  return true;
}

bool unblock(config::Document& blocklist, const std::string& whom) {
  std::vector<std::string> lines = lines_of(blocklist);
  if (std::erase_if(lines, [&](const std::string& line) { return says(line, whom); }) == 0) return false;
  blocklist.set(kKey, lines);
  return true;
}

}  // namespace vuurmuur::edit
