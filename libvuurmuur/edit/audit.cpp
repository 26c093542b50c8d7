// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/audit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "diag/width.h"
#include "history/store_lock.h"

namespace vuurmuur::edit {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kLog = "/audit.log", kOld = "/audit.log.old";

std::string line_of(const AuditEntry& entry) {
  return json_of(entry).dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + '\n';
}

void read_lines(const std::string& text, std::vector<AuditEntry>& entries) {
  for (const std::string_view line : base::split(text, '\n')) {
    // Half a line, or none of ours, counts for nothing.
    if (auto entry = entry_from(Json::parse(line, nullptr, /*allow_exceptions=*/false)))
      entries.push_back(std::move(*entry));
  }
}

}  // namespace

nlohmann::ordered_json json_of(const AuditEntry& entry) {
  return {{"time", entry.time},     {"uid", entry.who.uid},     {"user", entry.who.user},
          {"from", entry.who.from}, {"program", entry.program}, {"directory", entry.directory},
          {"what", entry.what}};
}

std::optional<AuditEntry> entry_from(const nlohmann::ordered_json& json) {
  if (!json.is_object()) return std::nullopt;
  try {
    return AuditEntry{.time = json.at("time").get<std::int64_t>(),
                      .who = {.uid = json.at("uid").get<std::uint32_t>(),
                              .user = json.at("user").get<std::string>(),
                              .from = json.at("from").get<std::string>()},
                      .program = json.at("program").get<std::string>(),
                      .directory = json.at("directory").get<std::string>(),
                      .what = json.at("what").get<std::string>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const diag::Glyph glyph = diag::glyph_at(text, at);
    result += glyph.printable ? text.substr(at, glyph.bytes) : "?";
    at += glyph.bytes;
  }
  return result;
}

base::Result<void> append_audit(const std::string& directory, const AuditEntry& entry) {
  const base::UniqueFd turn = VM_TRY(history::take_file_lock(directory, "audit.lock", history::Wait::Yes));
  const std::string path = directory + std::string(kLog), doing = fmt::format("write '{}'", path);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) >= kAuditBytes &&
      ::rename(path.c_str(), (directory + std::string(kOld)).c_str()) != 0)
    return base::system_error(doing, errno);
  base::RealFileSystem files;
  // Made as any file of the state directory, so that it is its owner's when root comes first.
  if (!files.status(path)) VM_TRY_VOID(files.replace_file(path, "", 0600));
  const base::UniqueFd log(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  if (!log) return base::system_error(doing, errno);
  std::string line = line_of(entry);
  // Behind half a line that a power cut left a new one begins.
  char last = '\n';
  if (::fstat(log.get(), &status) == 0 && status.st_size > 0 && ::pread(log.get(), &last, 1, status.st_size - 1) == 1 &&
      last != '\n')
    line.insert(0, "\n");
  const ssize_t written = ::write(log.get(), line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) return base::system_error(doing, written < 0 ? errno : ENOSPC);
  if (::fsync(log.get()) != 0) return base::system_error(doing, errno);
  return {};
}

base::Result<std::vector<AuditEntry>> read_audit(const base::FileSystem& files, const std::string& directory) {
  std::vector<AuditEntry> entries;
  for (const std::string_view name : {kOld, kLog}) {
    const auto text = files.read_file(directory + std::string(name));
    if (text) {
      read_lines(*text, entries);
    } else if (text.error().code != ENOENT) {
      return std::unexpected(text.error());
    }
  }
  return entries;
}

}  // namespace vuurmuur::edit
