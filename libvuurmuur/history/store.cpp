// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace vuurmuur::history {
namespace {

constexpr std::string_view kConfiguration = "config.tar.gz", kRules = "rules.tar.gz", kRulesText = "rules.txt",
                           kCounters = "counters.json";

/// The number that a directory's name is.
std::optional<Number> number_of(std::string_view name) {
  Number number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

/// Why the journal is not read, with what a person has to do: nothing is guessed, and nothing is written over it.
base::Error explained(base::Error why, const std::string& directory) {
  why.message = fmt::format("the journal '{}/journal.json' {}", directory, why.message);
  if (why.code == EBADMSG)
    why.message += fmt::format(
        "; nothing was changed, and the rules in force stay. Put a copy that was saved in its place, or mend that line; "
        "or move journal.json and generations out of '{}' and apply anew",
        directory);
  return why;
}

}  // namespace

std::string Store::path_of(Number number, std::string_view name) const {
  const std::string directory = fmt::format("{}/{:06}", generations_path(), number);
  return name.empty() ? directory : fmt::format("{}/{}", directory, name);
}

base::Result<Journal> Store::read_journal() const {
  const auto text = files_.read_file(journal_path());
  if (!text && text.error().code == ENOENT) return Journal{};
  if (!text) return std::unexpected(text.error());
  auto journal = journal_from_json(*text);
  if (!journal) return std::unexpected(explained(std::move(journal.error()), directory_));
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
    if (!number || *number >= journal.next || journal.find(*number) != nullptr) continue;
    // What stays is only disk space, and the next write tries again.
    const std::string directory = generations_path() + "/" + name;
    for (const std::string& file : files_.list_directory(directory).value_or(std::vector<std::string>{}))
      static_cast<void>(files_.remove(directory + "/" + file));
    static_cast<void>(files_.remove(directory));
  }
}

base::Result<Files> Store::read_archive(Number number, std::string_view name) const {
  const std::string path = path_of(number, name);
  const std::string archive = VM_TRY(files_.read_file(path));
  auto files = unpack(archive);
  if (!files) return std::unexpected(std::move(files.error()).within("'" + path + "'"));
  return files;
}

base::Result<void> Store::write_file(Number number, std::string_view name, std::string_view content) {
  VM_TRY_VOID(files_.make_directories(path_of(number)));
  return files_.replace_file(path_of(number, name), content);
}

base::Result<Files> Store::read_configuration(Number number) const { return read_archive(number, kConfiguration); }

base::Result<void> Store::write_configuration(Number number, const base::Result<std::string>& packed) {
  if (!packed) return std::unexpected(packed.error());
  return write_file(number, kConfiguration, *packed);
}

base::Result<std::string> Store::read_rules(Number number) const {
  Files files = VM_TRY(read_archive(number, kRules));
  return std::move(files[std::string(kRulesText)]);
}

base::Result<std::string> Store::packed_rules(std::string rules) {
  return pack({{std::string(kRulesText), std::move(rules)}});
}

base::Result<void> Store::write_rules(Number number, const base::Result<std::string>& packed) {
  if (!packed) return std::unexpected(packed.error());
  return write_file(number, kRules, *packed);
}

base::Result<std::string> Store::read_counters(Number number) const {
  return files_.read_file(path_of(number, kCounters));
}

base::Result<void> Store::write_counters(Number number, std::string_view json) {
  return write_file(number, kCounters, json);
}

}  // namespace vuurmuur::history
