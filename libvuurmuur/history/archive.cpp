// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>

namespace vuurmuur::history {
namespace {

using Writer = std::unique_ptr<::archive, decltype(&::archive_write_free)>;
using Reader = std::unique_ptr<::archive, decltype(&::archive_read_free)>;
using Entry = std::unique_ptr<::archive_entry, decltype(&::archive_entry_free)>;

std::unexpected<base::Error> error_of(std::string_view doing, ::archive* archive) {
  const char* reason = ::archive_error_string(archive);
  return std::unexpected(base::Error{.message = fmt::format("{}: {}", doing, reason == nullptr ? "unknown" : reason),
                                     .code = ::archive_errno(archive)});
}

::la_ssize_t append(::archive*, void* into, const void* bytes, std::size_t size) {
  static_cast<std::string*>(into)->append(static_cast<const char*>(bytes), size);
  return static_cast<::la_ssize_t>(size);
}

}  // namespace

base::Result<std::string> pack(const Files& files) {
  constexpr std::string_view kDoing = "pack files";
  std::string result;
  const Writer writer(::archive_write_new(), &::archive_write_free);
  ::archive* const out = writer.get();
  // Without the time of the packing, so that equal files give equal bytes.
  // Names are bytes, whatever the locale.
  if (::archive_write_set_format_pax_restricted(out) != ARCHIVE_OK ||
      ::archive_write_set_format_option(out, "pax", "hdrcharset", "BINARY") != ARCHIVE_OK ||
      ::archive_write_add_filter_gzip(out) != ARCHIVE_OK ||
      ::archive_write_set_filter_option(out, "gzip", "timestamp", nullptr) != ARCHIVE_OK ||
      // The quickest: somebody waits for it.
      ::archive_write_set_filter_option(out, "gzip", "compression-level", "1") != ARCHIVE_OK ||
      ::archive_write_set_bytes_in_last_block(out, 1) != ARCHIVE_OK ||
      ::archive_write_open(out, &result, nullptr, &append, nullptr) != ARCHIVE_OK)
    return error_of(kDoing, out);
  for (const auto& [path, content] : files) {
    const Entry entry(::archive_entry_new(), &::archive_entry_free);
    ::archive_entry_set_pathname(entry.get(), path.c_str());
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    ::archive_entry_set_perm(entry.get(), S_IRUSR | S_IWUSR);
    ::archive_entry_set_size(entry.get(), static_cast<::la_int64_t>(content.size()));
    if (::archive_write_header(out, entry.get()) != ARCHIVE_OK) return error_of(kDoing, out);
    if (::archive_write_data(out, content.data(), content.size()) != static_cast<::la_ssize_t>(content.size()))
      return error_of(kDoing, out);
  }
  if (::archive_write_close(out) != ARCHIVE_OK) return error_of(kDoing, out);
  return result;
}

base::Result<Files> unpack(std::string_view archive) {
  constexpr std::string_view kDoing = "unpack files";
  Files files;
  const Reader reader(::archive_read_new(), &::archive_read_free);
  ::archive* const in = reader.get();
  if (::archive_read_support_format_tar(in) != ARCHIVE_OK || ::archive_read_support_filter_gzip(in) != ARCHIVE_OK ||
      ::archive_read_open_memory(in, archive.data(), archive.size()) != ARCHIVE_OK)
    return error_of(kDoing, in);
  for (;;) {
    ::archive_entry* entry = nullptr;
    const int got = ::archive_read_next_header(in, &entry);
    if (got == ARCHIVE_EOF) return files;
    if (got != ARCHIVE_OK) return error_of(kDoing, in);
    if (::archive_entry_filetype(entry) != AE_IFREG) continue;
    std::string& content = files[::archive_entry_pathname(entry)];
    content.resize(static_cast<std::size_t>(::archive_entry_size(entry)));
    if (::archive_read_data(in, content.data(), content.size()) != static_cast<::la_ssize_t>(content.size()))
      return error_of(kDoing, in);
  }
}

}  // namespace vuurmuur::history
