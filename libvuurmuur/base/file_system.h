// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vuurmuur::base {

enum class FileKind { Regular, Directory, SymbolicLink, Other };

/// What lstat and stat tell of a path.
struct FileStatus {
  FileKind kind = FileKind::Other;  ///< of what the path leads to, symbolic links followed
  bool is_link = false;             ///< whether the path itself is a symbolic link
  std::uint32_t mode = 0;           ///< permission bits, 07777
  std::uint32_t owner = 0;          ///< user id
  std::uint64_t size = 0;           ///< bytes
  bool owner_is_trusted = true;     ///< whether the owner is root or the user that we run as
};

/// The part of the operating system's files that the library needs; faked by MemoryFileSystem in tests.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// The whole content of a file. Error code ENOENT, EACCES, EISDIR, ELOOP… as open(2) and read(2) give them.
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path) const = 0;

  /// Names in a directory, sorted by byte value, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> list_directory(const std::string& path) const = 0;

  /// Status of a path; error code ENOENT when there is nothing, ELOOP for a loop of links.
  [[nodiscard]] virtual Result<FileStatus> status(const std::string& path) const = 0;

  /// Replaces a file as a whole or not at all: a temporary file beside it, fsync, rename, fsync of the directory.
  /// An existing file keeps its mode and owner; a new one gets `mode`, and owner and group of its directory when root
  /// makes it: root works beside a daemon that is another user. After an error the old file is untouched, unless it was
  /// the last step that failed: then it is replaced, but not surely after a power cut.
  [[nodiscard]] virtual Result<void> replace_file(const std::string& path, std::string_view content,
                                                  std::uint32_t mode = 0600) = 0;

  /// Makes a directory and its parents, those that are missing with this mode and the owner of new files; one that exists
  /// is no error.
  [[nodiscard]] virtual Result<void> make_directories(const std::string& path, std::uint32_t mode = 0700) = 0;

  /// Removes a file or an empty directory.
  [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
};

/// The machine's own files.
class RealFileSystem final : public FileSystem {
 public:
  [[nodiscard]] Result<std::string> read_file(const std::string& path) const override;
  [[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string& path) const override;
  [[nodiscard]] Result<FileStatus> status(const std::string& path) const override;
  [[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view content,
                                          std::uint32_t mode) override;
  [[nodiscard]] Result<void> make_directories(const std::string& path, std::uint32_t mode = 0700) override;
  [[nodiscard]] Result<void> remove(const std::string& path) override;
};

}  // namespace vuurmuur::base
