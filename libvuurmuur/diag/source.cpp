// SPDX-License-Identifier: GPL-2.0-or-later
#include "diag/source.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "diag/width.h"

namespace vuurmuur::diag {
namespace {

constexpr std::uint32_t kBlockBytes = 4096;

}  // namespace

SourceFile::SourceFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {
  line_begins_.push_back(0);
  for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1))
    line_begins_.push_back(static_cast<std::uint32_t>(at + 1));
}

Position SourceFile::position(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const auto after = std::ranges::upper_bound(line_begins_, offset);
  const auto number = static_cast<std::uint32_t>(after - line_begins_.begin());
  return {number, columns_between(line_begin(number), offset) + 1};
}

std::uint32_t SourceFile::columns_between(std::uint32_t begin, std::uint32_t end) const {
  if (end - begin <= kBlockBytes) return columns(text_, begin, end);
  if (columns_before_block_.empty()) {
    std::uint32_t sum = 0;
    for (std::size_t block = 0; block < text_.size(); block += kBlockBytes) {
      columns_before_block_.push_back(sum);
      sum += columns(text_, block, std::min(block + kBlockBytes, text_.size()));
    }
  }
  const auto before = [this](std::uint32_t offset) {
    // The end of the text may be where a further block would begin.
    const auto block = std::min(std::size_t{offset} / kBlockBytes, columns_before_block_.size() - 1);
    return columns_before_block_[block] + columns(text_, block * kBlockBytes, offset);
  };
  return before(end) - before(begin);
}

std::string_view SourceFile::line(std::uint32_t number) const {
  const std::uint32_t begin = line_begin(number);
  const std::size_t end = number < line_begins_.size() ? line_begins_[number] - 1 : text_.size();
  std::string_view rest = std::string_view(text_).substr(begin, end - begin);
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::uint32_t SourceFile::line_begin(std::uint32_t number) const {
  VM_ASSERT(number >= 1 && number <= line_begins_.size());
  return line_begins_[number - 1];
}

FileId SourceMap::add(std::string path, std::string text) {
  files_.push_back(std::make_unique<SourceFile>(std::move(path), std::move(text)));
  return static_cast<FileId>(files_.size() - 1);
}

const SourceFile& SourceMap::file(FileId id) const { return *files_.at(static_cast<std::size_t>(id)); }

std::string_view SourceMap::text(Span span) const {
  return file(span.file).text().substr(span.begin, span.end - span.begin);
}

std::string SourceMap::place(Span span) const {
  if (files_.empty()) return {};
  return fmt::format("{}:{}", file(span.file).path(), file(span.file).position(span.begin).line);
}

}  // namespace vuurmuur::diag
