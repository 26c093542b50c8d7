// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/stored_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace vuurmuur::log {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

/// What rotation puts behind the name: ".1", ".2.gz", "-20261123", and nothing of other programs (".swp").
bool is_rotated(std::string_view rest) {
  if (rest.size() < 2 || (rest[0] != '.' && rest[0] != '-')) return false;
  return rest[1] >= '0' && rest[1] <= '9';
}

/// Cuts what comes in pieces into lines.
class Lines {
 public:
  explicit Lines(const std::function<bool(std::string_view)>& visit) : visit_(visit) {}

  /// False when nothing more is wanted.
  [[nodiscard]] bool add(std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t end = piece.find('\n');
      if (end == std::string_view::npos) {
        keep(piece);
        return true;
      }
      if (begun_.empty() && !is_too_long_) {
        if (end <= kLongestLine && !visit_(piece.substr(0, end))) return false;
      } else {
        keep(piece.substr(0, end));
        const bool is_wanted = is_too_long_ || visit_(begun_);
        begun_.clear();
        is_too_long_ = false;
        if (!is_wanted) return false;
      }
      piece.remove_prefix(end + 1);
    }
    return true;
  }

 private:
  // A line that has no end yet is still being written.
  void keep(std::string_view piece) {
    if (begun_.size() + piece.size() > kLongestLine) is_too_long_ = true;
    if (!is_too_long_) begun_ += piece;
  }

  const std::function<bool(std::string_view)>& visit_;
  std::string begun_;
  bool is_too_long_ = false;
};

struct FreeArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

base::Error error_of(archive* reader, const std::string& path) {
  const int code = archive_errno(reader);
  const char* text = archive_error_string(reader);
  return {.message = fmt::format("read '{}': {}", path, text == nullptr ? "unreadable" : text), .code = code};
}

}  // namespace

base::Result<std::vector<StoredFile>> stored_files(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> open(::opendir(directory.c_str()));
  if (!open) {
    if (errno == ENOENT) return std::vector<StoredFile>{};
    return base::system_error(fmt::format("list '{}'", directory), errno);
  }
  std::vector<StoredFile> found;
  while (const dirent* each = ::readdir(open.get())) {
    const std::string_view file = each->d_name;
    if (!file.starts_with(name) || (file != name && !is_rotated(file.substr(name.size())))) continue;
    std::string full = fmt::format("{}/{}", directory, file);
    struct stat status{};
    if (::stat(full.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    found.push_back({std::move(full),
                     Time(std::chrono::seconds(status.st_mtim.tv_sec)) +
                         std::chrono::microseconds(status.st_mtim.tv_nsec / 1000),
                     static_cast<std::uint64_t>(status.st_size)});
  }
  std::ranges::sort(found, [&](const StoredFile& a, const StoredFile& b) {
    const bool a_is_current = a.path.ends_with("/" + name), b_is_current = b.path.ends_with("/" + name);
    if (a_is_current != b_is_current) return b_is_current;
    if (a.changed != b.changed) return a.changed < b.changed;
    // Of the same moment: the higher number is the older one.
    return a.path.size() != b.path.size() ? a.path.size() > b.path.size() : a.path > b.path;
  });
  return found;
}

base::Result<void> read_lines(const std::string& path, const std::function<bool(std::string_view)>& visit) {
  const std::unique_ptr<archive, FreeArchive> reader(archive_read_new());
  if (!reader) return base::failure("no memory to read logs");
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_zstd(reader.get());
  archive_read_support_filter_bzip2(reader.get());
  archive_read_support_format_raw(reader.get());
  // An empty file has no entry for libarchive.
  archive_read_support_format_empty(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), kBlock) != ARCHIVE_OK) {
    if (archive_errno(reader.get()) == ENOENT) return {};
    return std::unexpected(error_of(reader.get(), path));
  }
  archive_entry* entry = nullptr;
  const int begun = archive_read_next_header(reader.get(), &entry);
  if (begun == ARCHIVE_EOF) return {};
  if (begun != ARCHIVE_OK) return std::unexpected(error_of(reader.get(), path));
  Lines lines(visit);
  std::string piece(kBlock, '\0');
  for (;;) {
    const la_ssize_t got = archive_read_data(reader.get(), piece.data(), piece.size());
    if (got == 0) return {};
    if (got < 0) return std::unexpected(error_of(reader.get(), path));
    if (!lines.add({piece.data(), static_cast<std::size_t>(got)})) return {};
  }
}

}  // namespace vuurmuur::log
