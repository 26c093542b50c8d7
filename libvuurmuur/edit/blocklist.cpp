// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/blocklist.h"

#include <algorithm>
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

/// Tells which lines say that somebody is blocked.
class Says {
 public:
  explicit Says(const std::string& whom) : wanted_(entry_of("block " + whom)) {}
  bool operator()(const std::string& line) const {
    const auto entry = wanted_ ? entry_of(line) : std::nullopt;
    if (!entry) return false;
    return wanted_->prefix ? entry->prefix == wanted_->prefix : !entry->prefix && *entry->text == *wanted_->text;
  }

 private:
  std::optional<model::BlockEntry> wanted_;
};

}  // namespace

std::vector<std::string> blocked_in(const config::Document& blocklist) {
  std::vector<std::string> blocked;
  for (const std::string& line : lines_of(blocklist))
    if (const auto entry = entry_of(line)) blocked.push_back(*entry->text);
  return blocked;
}

bool block(config::Document& blocklist, const std::string& whom) {
  std::vector<std::string> lines = lines_of(blocklist);
  if (std::ranges::any_of(lines, Says(whom))) return false;
  lines.push_back("block " + whom);
  blocklist.set(kKey, lines);
  return true;
}

bool unblock(config::Document& blocklist, const std::string& whom) {
  std::vector<std::string> lines = lines_of(blocklist);
  if (std::erase_if(lines, Says(whom)) == 0) return false;
  blocklist.set(kKey, lines);
  return true;
}

}  // namespace vuurmuur::edit
