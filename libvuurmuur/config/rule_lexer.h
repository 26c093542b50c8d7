// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string_view>

namespace vuurmuur::config {

/// A word of a rule; text points into the rule.
struct Token {
  enum class Kind : std::uint8_t {
    End,       ///< empty, at the end of the rule
    Word,      ///< anything without blanks, commas, '=' and quotes
    String,    ///< "…": the text between the quotes
    Unclosed,  ///< the same without its closing quote
    Comma,
    Equals,
  };
  Kind kind = Kind::End;
  std::string_view text;
};

/// Cuts a rule into tokens.
class RuleLexer {
 public:
  explicit RuleLexer(std::string_view rule) : rule_(rule) {}

  [[nodiscard]] Token next();
  /// The token after the one that next() gave last, without taking it.
  [[nodiscard]] Token peek() const { return RuleLexer(*this).next(); }

 private:
  std::string_view rule_;
  std::size_t at_ = 0;
};

}  // namespace vuurmuur::config
