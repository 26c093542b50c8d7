// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/rule_lexer.h"

#include <algorithm>

#include "config/document.h"

namespace vuurmuur::config {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr std::string_view kWordEnds = " \t\r\v\f,=\"";

}  // namespace

Token RuleLexer::next() {
  at_ = std::min(rule_.find_first_not_of(kBlanks, at_), rule_.size());
  if (at_ == rule_.size()) return {Token::Kind::End, rule_.substr(at_)};
  const std::size_t begin = at_;
  if (rule_[at_] == ',' || rule_[at_] == '=')
    return {rule_[at_] == ',' ? Token::Kind::Comma : Token::Kind::Equals, rule_.substr(at_++, 1)};
  if (rule_[at_] != '"') {
    at_ = std::min(rule_.find_first_of(kWordEnds, at_), rule_.size());
    return {Token::Kind::Word, rule_.substr(begin, at_ - begin)};
  }
  at_ = find_closing_quote(rule_, at_ + 1);
  const std::string_view content = rule_.substr(begin + 1, at_ - begin - 1);
  if (at_ == rule_.size()) return {Token::Kind::Unclosed, content};
  ++at_;
  return {Token::Kind::String, content};
}

}  // namespace vuurmuur::config
