// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::diag {

/// Names a file of a SourceMap.
enum class FileId : std::uint32_t {};

/// A run of bytes in one file: [begin, end). An empty run points between two bytes.
struct Span {
  FileId file{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool operator==(const Span&) const = default;
};

/// A place as people count it, both from 1; the column counts display columns (diag/width.h), a tab as one.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// A file that was read: its path as shown to the user and its whole text.
class SourceFile {
 public:
  SourceFile(std::string path, std::string text);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string_view text() const { return text_; }

  /// Line and column of a byte.
  [[nodiscard]] Position position(std::uint32_t offset) const;
  /// The text of a line (counted from 1) without its end-of-line characters.
  [[nodiscard]] std::string_view line(std::uint32_t number) const;
  /// Byte at which a line (counted from 1) begins.
  [[nodiscard]] std::uint32_t line_begin(std::uint32_t number) const;

 private:
  std::string path_;
  [[nodiscard]] std::uint32_t columns_between(std::uint32_t begin, std::uint32_t end) const;

  std::string text_;
  std::vector<std::uint32_t> line_begins_;
  /// Columns of the text before each block of kBlockBytes; made when a line is first seen to be longer than that.
  mutable std::vector<std::uint32_t> columns_before_block_;
};

/// All files of a configuration tree, by id. References that it gives stay valid while the map lives.
class SourceMap {
 public:
  FileId add(std::string path, std::string text);
  [[nodiscard]] const SourceFile& file(FileId id) const;
  [[nodiscard]] std::string_view text(Span span) const;
  [[nodiscard]] std::size_t size() const { return files_.size(); }
  /// "path:line" of the beginning of a span.
  [[nodiscard]] std::string place(Span span) const;

 private:
  std::vector<std::unique_ptr<SourceFile>> files_;
};

}  // namespace vuurmuur::diag
