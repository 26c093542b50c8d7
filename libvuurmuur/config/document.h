// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diag/source.h"

namespace vuurmuur::config {

/// Whether the case of the letters in a key matters: it does in config.conf, nowhere else.
enum class KeyCase : std::uint8_t { Ignored, Significant };

/// A value without the backslashes that protect its quotes, which still knows where each of its bytes stands.
class Value {
 public:
  Value() = default;
  /// `raw` as it stands in the file between the quotes, beginning at byte `begin`.
  Value(std::string_view raw, diag::FileId file, std::uint32_t begin);

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The text without blanks at its ends.
  [[nodiscard]] std::string_view trimmed() const;
  /// Where the trimmed text stands.
  [[nodiscard]] diag::Span span() const;
  /// Where bytes [begin, end) of the text stand.
  [[nodiscard]] diag::Span span(std::size_t begin, std::size_t end) const;
  /// Where a part of text() stands; `part` must point into it.
  [[nodiscard]] diag::Span span(std::string_view part) const;

 private:
  [[nodiscard]] std::uint32_t place(std::size_t offset) const;

  std::string text_;
  diag::FileId file_{};
  std::uint32_t begin_ = 0;
  std::vector<std::uint32_t> dropped_;  ///< offsets in text_ before which a backslash was dropped, ascending
};

/// One line of a document; offsets are those of the text that it was parsed from, as long as the line is unchanged.
struct Line {
  enum class Kind : std::uint8_t {
    Blank,
    Comment,        ///< begins with '#'
    Entry,          ///< KEY="value"
    NoEntry,        ///< something else
    UnclosedQuote,  ///< KEY="value
    AfterValue,     ///< KEY="value" and more that is no comment
  };
  Kind kind = Kind::Blank;
  bool quoted = false;                           ///< the value stands in quotes
  std::uint32_t begin = 0, end = 0;              ///< the whole line with its end-of-line characters
  std::uint32_t key_begin = 0, key_end = 0;      ///< entries and the two broken kinds of them
  std::uint32_t value_begin = 0, value_end = 0;  ///< between the quotes
};

/// A file of the tree as lines. Keeps every byte that nobody changes: comments, order, unknown keys, broken lines.
class Document {
 public:
  /// Any text is a document; lines may end in LF or CRLF.
  explicit Document(std::string text = {}, KeyCase key_case = KeyCase::Ignored);

  [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
  /// The whole line with its end-of-line characters.
  [[nodiscard]] std::string_view text(const Line& line) const;
  [[nodiscard]] std::string_view key(const Line& line) const;
  /// The value as it stands in the file, with backslashes.
  [[nodiscard]] std::string_view raw_value(const Line& line) const;
  [[nodiscard]] Value value(const Line& line, diag::FileId file) const;
  /// Whether a line is an entry with this key.
  [[nodiscard]] bool has_key(const Line& line, std::string_view key) const;

  /// All values of a key that are not empty, without backslashes.
  [[nodiscard]] std::vector<std::string> values(std::string_view key) const;

  /// Tells what an existing value means, in a form that can be compared with the new ones; nothing for a value that
  /// is not to be touched.
  using Meaning = std::function<std::optional<std::string>(const std::string& value)>;

  /// Makes the key's values these, in this order: lines whose meaning stays are not touched, others are changed in
  /// place, removed, or added behind their like (a first one behind the last entry). No values: one line with an
  /// empty value stays. Line ends inside a value become blanks.
  void set(std::string_view key, std::span<const std::string> values, const Meaning& meaning = {});
  void set(std::string_view key, std::string value);

  [[nodiscard]] std::string to_text() const;

 private:
  void add_line(std::string_view text, Line& into);
  void replace_value(Line& line, std::string_view value);
  [[nodiscard]] Line make_entry(std::string_view key, std::string_view value);
  void end_line(Line& line);

  std::string text_;  ///< the original text, behind it that of changed and new lines
  std::vector<Line> lines_;
  KeyCase key_case_;
  std::string_view line_end_ = "\n";
};

/// A value as it is written between quotes: \" for ", and \\ for a backslash that would else protect something.
[[nodiscard]] std::string escape(std::string_view value);

/// Where the quote stands that ends a text in quotes: the first from `begin` that no backslash protects; the text's
/// size when there is none.
[[nodiscard]] std::size_t find_closing_quote(std::string_view text, std::size_t begin);

/// The reverse of escape: \" is ", \\ is \, every other backslash stands for itself.
[[nodiscard]] std::string unescape(std::string_view raw);

}  // namespace vuurmuur::config
