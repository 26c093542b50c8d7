// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace vuurmuur::history {
namespace {

constexpr std::string_view kConfiguration = "config/", kRules = "rules.txt", kEnding = ".tar.gz";

/// The number in the name of an archive.
std::optional<Number> number_of(std::string_view name) {
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  Number number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string Store::archive_path(Number number) const {
  return fmt::format("{}/{:06}{}", generations_path(), number, kEnding);
}

base::Result<Journal> Store::read_journal() const {
  const auto text = files_.read_file(journal_path());
  if (!text && text.error().code == ENOENT) return Journal{};
  if (!text) return std::unexpected(text.error());
  auto journal = journal_from_json(*text);
  if (!journal) return std::unexpected(std::move(journal.error()).within("'" + journal_path() + "'"));
  return journal;
}

base::Result<void> Store::write_journal(Journal& journal) {
  VM_TRY_VOID(files_.make_directories(directory_));
  static_cast<void>(prune(journal));
  VM_TRY_VOID(files_.replace_file(journal_path(), to_json(journal)));
  remove_strays(journal);
  return {};
}

void Store::remove_strays(const Journal& journal) {
  const auto names = files_.list_directory(generations_path());
  if (!names) return;
  for (const std::string& name : *names) {
    const auto number = number_of(name);
    // One that stays is only disk space, and the next write tries again.
    if (number && *number < journal.next && journal.find(*number) == nullptr)
      static_cast<void>(files_.remove(generations_path() + "/" + name));
  }
}

base::Result<Snapshot> Store::read_snapshot(Number number) const {
  const std::string path = archive_path(number);
  const std::string archive = VM_TRY(files_.read_file(path));
  auto files = unpack(archive);
  if (!files) return std::unexpected(std::move(files.error()).within("'" + path + "'"));
  Snapshot snapshot;
  for (auto& [name, content] : *files) {
    if (name.starts_with(kConfiguration))
      snapshot.configuration.emplace(name.substr(kConfiguration.size()), std::move(content));
    else if (name == kRules)
      snapshot.rules = std::move(content);
  }
  return snapshot;
}

base::Result<void> Store::write_snapshot(Number number, const Snapshot& snapshot) {
  Files files{{std::string(kRules), snapshot.rules}};
  for (const auto& [name, content] : snapshot.configuration) files.emplace(std::string(kConfiguration) + name, content);
  const std::string archive = VM_TRY(pack(files));
  VM_TRY_VOID(files_.make_directories(generations_path()));
  return files_.replace_file(archive_path(number), archive);
}

}  // namespace vuurmuur::history
