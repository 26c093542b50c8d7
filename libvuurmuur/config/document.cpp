// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/document.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "base/strings.h"

namespace vuurmuur::config {
namespace {

bool is_key_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::uint32_t offset(std::size_t value) {
  VM_ASSERT(value <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(value);
}

/// Finds out what the line [line.begin, line.end) of the text is.
void classify(std::string_view text, Line& line) {
  std::size_t at = line.begin;
  std::size_t end = line.end;
  if (end > at && text[end - 1] == '\n') --end;
  while (end > at && text[end - 1] == '\r') --end;
  const auto skip_blanks = [&] {
    while (at < end && is_blank(text[at])) ++at;
  };

  skip_blanks();
  if (at == end) return void(line.kind = Line::Kind::Blank);
  if (text[at] == '#') return void(line.kind = Line::Kind::Comment);
  line.kind = Line::Kind::NoEntry;
  line.key_begin = offset(at);
  while (at < end && is_key_character(text[at])) ++at;
  line.key_end = offset(at);
  skip_blanks();
  if (line.key_begin == line.key_end || at == end || text[at] != '=') return;
  ++at;
  skip_blanks();

  line.quoted = at < end && text[at] == '"';
  if (!line.quoted) {
    while (end > at && is_blank(text[end - 1])) --end;
    line.value_begin = offset(at);
    line.value_end = offset(end);
    line.kind = Line::Kind::Entry;
    return;
  }
  line.value_begin = offset(++at);
  at = find_closing_quote(text.substr(0, end), at);
  line.value_end = offset(at);
  if (at == end) return void(line.kind = Line::Kind::UnclosedQuote);
  ++at;
  skip_blanks();
  line.kind = at == end || text[at] == '#' ? Line::Kind::Entry : Line::Kind::AfterValue;
}

/// A value as we write it anew: without the bytes that make a file no text file. What was read and stays is not
/// touched.
std::string without_controls(std::string_view value) {
  std::string result(value);
  for (char& c : result)
    if (c == '\r' || c == '\0') c = ' ';
  return result;
}

}  // namespace

std::string escape(std::string_view value) {
  std::string result;
  result.reserve(value.size() + 8);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool is_last = i + 1 == value.size();
    if (c == '"' || (c == '\\' && (is_last || value[i + 1] == '"' || value[i + 1] == '\\'))) result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::size_t find_closing_quote(std::string_view text, std::size_t begin) {
  for (std::size_t at = text.find('"', begin); at != std::string_view::npos; at = text.find('"', at + 1)) {
    // Backslashes go in pairs from the first of their row: an odd one out is before the quote.
    std::size_t first = at;
    while (first > begin && text[first - 1] == '\\') --first;
    if ((at - first) % 2 == 0) return at;
  }
  return text.size();
}

std::string unescape(std::string_view raw) { return Value(raw, {}, 0).text(); }

Value::Value(std::string_view raw, diag::FileId file, std::uint32_t begin) : file_(file), begin_(begin) {
  if (raw.find('\\') == std::string_view::npos) {
    text_ = raw;
    return;
  }
  text_.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t slash = std::min(raw.find('\\', at), raw.size());
    text_.append(raw, at, slash - at);
    at = slash;
    if (at == raw.size()) break;
    if (at + 1 < raw.size() && (raw[at + 1] == '"' || raw[at + 1] == '\\')) {
      dropped_.push_back(offset(text_.size()));
      ++at;
    }
    text_ += raw[at++];
  }
}

std::string_view Value::trimmed() const { return base::trim(text_); }

diag::Span Value::span() const { return span(trimmed()); }

diag::Span Value::span(std::size_t begin, std::size_t end) const {
  // The end is where the last byte ends, so that a protecting backslash behind the part stays outside.
  return {file_, place(begin), end > begin ? place(end - 1) + 1 : place(begin)};
}

diag::Span Value::span(std::string_view part) const {
  const auto begin = static_cast<std::size_t>(part.data() - text_.data());
  return span(begin, begin + part.size());
}

std::uint32_t Value::place(std::size_t at) const {
  const auto before = std::ranges::upper_bound(dropped_, static_cast<std::uint32_t>(at)) - dropped_.begin();
  return begin_ + offset(at) + offset(static_cast<std::size_t>(before));
}

Document::Document(std::string text, KeyCase key_case) : text_(std::move(text)), key_case_(key_case) {
  if (const std::size_t first = text_.find('\n'); first != std::string::npos && first > 0 && text_[first - 1] == '\r')
    line_end_ = "\r\n";
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t newline = text_.find('\n', begin);
    const std::size_t end = newline == std::string::npos ? text_.size() : newline + 1;
    Line line{.begin = offset(begin), .end = offset(end)};
    classify(text_, line);
    lines_.push_back(line);
    begin = end;
  }
}

std::string_view Document::text(const Line& line) const {
  return std::string_view(text_).substr(line.begin, line.end - line.begin);
}

std::string_view Document::key(const Line& line) const {
  return std::string_view(text_).substr(line.key_begin, line.key_end - line.key_begin);
}

std::string_view Document::raw_value(const Line& line) const {
  return std::string_view(text_).substr(line.value_begin, line.value_end - line.value_begin);
}

Value Document::value(const Line& line, diag::FileId file) const {
  return Value(raw_value(line), file, line.value_begin);
}

bool Document::has_key(const Line& line, std::string_view wanted) const {
  if (line.kind != Line::Kind::Entry) return false;
  return key_case_ == KeyCase::Significant ? key(line) == wanted : base::equals_ignoring_case(key(line), wanted);
}

std::vector<std::string> Document::values(std::string_view wanted) const {
  std::vector<std::string> result;
  for (const Line& line : lines_)
    if (has_key(line, wanted) && line.value_begin != line.value_end) result.push_back(unescape(raw_value(line)));
  return result;
}

void Document::add_line(std::string_view text, Line& into) {
  into = Line{.begin = offset(text_.size())};
  text_ += text;
  into.end = offset(text_.size());
  classify(text_, into);
}

void Document::replace_value(Line& line, std::string_view value) {
  const std::string_view old = text(line);
  std::string changed(old.substr(0, line.value_begin - line.begin));
  if (!line.quoted) changed += '"';
  changed += escape(without_controls(value));
  if (!line.quoted) changed += '"';
  changed += old.substr(line.value_end - line.begin);
  add_line(changed, line);
}

Line Document::make_entry(std::string_view key, std::string_view value) {
  Line line;
  add_line(std::string(key) + "=\"" + escape(without_controls(value)) + '"' + std::string(line_end_), line);
  return line;
}

void Document::end_line(Line& line) {
  if (line.end > line.begin && text_[line.end - 1] == '\n') return;
  add_line(std::string(text(line)) + std::string(line_end_), line);
}

void Document::set(std::string_view key, std::string value) {
  const std::string values[] = {std::move(value)};
  if (values[0].empty()) return set(key, std::span<const std::string>{});
  set(key, values);
}

void Document::set(std::string_view key, std::span<const std::string> values, const Meaning& meaning) {
  struct Existing {
    std::size_t line;
    std::string means;
  };
  std::vector<Existing> existing;
  std::optional<std::size_t> empty_line;
  std::optional<std::size_t> last_entry;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].kind == Line::Kind::Entry) last_entry = i;
    if (!has_key(lines_[i], key)) continue;
    std::string value = unescape(raw_value(lines_[i]));
    if (base::trim(value).empty()) {
      if (!empty_line) empty_line = i;
      continue;
    }
    std::optional<std::string> means = meaning ? meaning(value) : std::move(value);
    if (means) existing.push_back({i, std::move(*means)});
  }

  std::size_t same_front = 0;
  const std::size_t fewer = std::min(existing.size(), values.size());
  while (same_front < fewer && existing[same_front].means == values[same_front]) ++same_front;
  std::size_t same_back = 0;
  while (same_back < fewer - same_front &&
         existing[existing.size() - 1 - same_back].means == values[values.size() - 1 - same_back])
    ++same_back;
  const std::size_t old_end = existing.size() - same_back;
  const std::size_t new_end = values.size() - same_back;

  std::size_t i = same_front;
  for (; i < old_end && i < new_end; ++i)
    if (existing[i].means != values[i]) replace_value(lines_[existing[i].line], values[i]);
  if (i < old_end) {
    std::size_t removed_from = i;
    if (values.empty() && !empty_line) replace_value(lines_[existing[removed_from++].line], {});
    std::vector<Line> kept;
    kept.reserve(lines_.size());
    for (std::size_t at = 0, next = removed_from; at < lines_.size(); ++at) {
      if (next < old_end && existing[next].line == at) {
        ++next;
        continue;
      }
      kept.push_back(lines_[at]);
    }
    lines_ = std::move(kept);
    return;
  }
  if (i == new_end) return;

  std::size_t where = 0;  // the new lines' place
  if (i > 0) {
    where = existing[i - 1].line + 1;
  } else if (same_back > 0) {
    where = existing[old_end].line;
  } else if (empty_line) {
    replace_value(lines_[*empty_line], values[i++]);
    where = *empty_line + 1;
  } else {
    where = last_entry ? *last_entry + 1 : lines_.size();
  }
  if (i == new_end) return;
  if (where > 0) end_line(lines_[where - 1]);
  std::vector<Line> added;
  added.reserve(new_end - i);
  for (; i < new_end; ++i) added.push_back(make_entry(key, values[i]));
  lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(where), added.begin(), added.end());
}

std::string Document::to_text() const {
  std::string result;
  result.reserve(text_.size());
  for (const Line& line : lines_) result.append(text_, line.begin, line.end - line.begin);
  return result;
}

}  // namespace vuurmuur::config
