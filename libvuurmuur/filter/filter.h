// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "diag/diagnostic.h"
#include "filter/keys.h"
#include "filter/subject.h"
#include "net/address.h"

namespace vuurmuur::filter {

/// Numbers first..last, both included.
struct Range {
  std::uint64_t first = 0, last = 0;
  [[nodiscard]] bool contains(std::uint64_t number) const { return first <= number && number <= last; }
  bool operator==(const Range&) const = default;
};

/// (mark & mask) == value.
struct MarkValue {
  std::uint32_t value = 0, mask = 0xffffffff;
  bool operator==(const MarkValue&) const = default;
};

/// A text in which '*' stands for any run of characters. Of names and words the whole is meant, of texts a part.
struct Pattern {
  std::string text;
  bool operator==(const Pattern&) const = default;
};

/// One of the values behind a key.
struct Value {
  /// An address or a network; numbers; a name or a word. A word without a key that is a number is Range and asks for
  /// ports.
  std::variant<net::Prefix, Range, MarkValue, Pattern> what;
  diag::Span span{};
  bool operator==(const Value& other) const { return what == other.what; }
};

/// "!key:value,value": one of the values, or none of them.
struct Term {
  Key key = Key::Anything;
  bool is_negated = false;
  std::vector<Value> values;  ///< never empty
  bool operator==(const Term&) const = default;
};

/// What a subject needs to have so that a filter can be asked.
struct Needs {
  bool names = false;  ///< of ends: name, network, zone
  bool groups = false;
  bool service = false;
  bool rule = false;
};

/// Terms that all have to be met; none: everything.
class Filter {
 public:
  Filter() = default;
  explicit Filter(std::vector<Term> terms) : terms_(std::move(terms)) {}

  [[nodiscard]] bool is_empty() const { return terms_.empty(); }
  [[nodiscard]] const std::vector<Term>& terms() const { return terms_; }
  [[nodiscard]] Needs asks_for() const;
  [[nodiscard]] bool lets_through(const Subject& subject) const;

  /// In a form that is read as the same filter.
  [[nodiscard]] std::string to_string() const;
  bool operator==(const Filter&) const = default;

 private:
  std::vector<Term> terms_;
};

/// More than a person writes.
inline constexpr std::size_t kLongestFilter = 4096;

/// Reads a filter: terms between blanks, "key:value", "key:value,value" (one of them), "!" in front for none of them,
/// and words without a key, which are looked for in addresses, ports, names, services, protocols and states. Values may
/// be in double quotes. What is wrong goes into the sink, and what is right is given; `file` is the text's in a
/// SourceMap.
[[nodiscard]] Filter parse(std::string_view text, diag::FileId file, Of of, diag::Sink& sink);

/// What there is that a filter can name.
struct KnownWords {
  std::vector<std::string> ends;  ///< hosts, groups, networks, zones, by their full names
  std::vector<std::string> services;
};

/// Reports names that nothing has; for filters that change something, or of which nothing would be found without a word
/// why. Patterns with '*' are taken as they are.
void check_words(const Filter& filter, const KnownWords& known, diag::Sink& sink);

/// Whether '*' in a pattern makes it fit the whole of a text.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);

}  // namespace vuurmuur::filter
