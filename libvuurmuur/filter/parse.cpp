// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/nearest.h"
#include "base/strings.h"
#include "filter/filter.h"

namespace vuurmuur::filter {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; }

bool is_key_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; }

/// As messages show it: what is long is cut, and control characters are shown by the renderer.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 40;
  return text.size() <= kMost ? fmt::format("'{}'", text) : fmt::format("'{}…'", text.substr(0, kMost));
}

std::optional<Range> read_range(std::string_view text, std::uint64_t most) {
  const std::size_t dash = text.find('-');
  const auto first = base::parse_number<std::uint64_t>(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : base::parse_number<std::uint64_t>(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last > most) return std::nullopt;
  return Range{*first, *last};
}

/// "10", "10k", "10M", "10G", in thousands.
std::optional<std::uint64_t> read_amount(std::string_view text) {
  constexpr std::string_view kUnits = "kMGT";
  std::uint64_t unit = 1;
  if (!text.empty()) {
    const std::size_t at = kUnits.find(text.back() == 'K' ? 'k' : text.back());
    if (at != std::string_view::npos) {
      for (std::size_t i = 0; i <= at; ++i) unit *= 1000;
      text.remove_suffix(1);
    }
  }
  const auto number = base::parse_number<std::uint64_t>(text);
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() / unit) return std::nullopt;
  return *number * unit;
}

std::optional<Range> read_amounts(std::string_view text) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  if (text.starts_with('>')) {
    const auto least = read_amount(text.substr(1));
    return least && *least < kMost ? std::optional(Range{*least + 1, kMost}) : std::nullopt;
  }
  if (text.starts_with('<')) {
    const auto most = read_amount(text.substr(1));
    return most && *most > 0 ? std::optional(Range{0, *most - 1}) : std::nullopt;
  }
  const std::size_t dash = text.find('-');
  const auto first = read_amount(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : read_amount(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return Range{*first, *last};
}

std::optional<MarkValue> read_mark(std::string_view text) {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  const std::size_t slash = text.find('/');
  const auto value = base::parse_unsigned(text.substr(0, slash));
  const auto mask = slash == std::string_view::npos ? std::optional<unsigned long long>(kMost)
                                                    : base::parse_unsigned(text.substr(slash + 1));
  if (!value || !mask || *value > kMost || *mask > kMost) return std::nullopt;
  return MarkValue{static_cast<std::uint32_t>(*value), static_cast<std::uint32_t>(*mask)};
}

class Parser {
 public:
  Parser(std::string_view text, diag::FileId file, Of of, diag::Sink& sink)
      : text_(text), file_(file), of_(of), sink_(sink) {}

  std::vector<Term> all() {
    std::vector<Term> terms;
    if (text_.size() > kLongestFilter) {
      sink_.error("filter-too-long", span(kLongestFilter, text_.size()),
                  fmt::format("a filter has at most {} characters", kLongestFilter));
      return terms;
    }
    for (skip_blanks(); !is_at_end(); skip_blanks())
      if (auto read = term()) terms.push_back(*std::move(read));
    return terms;
  }

 private:
  [[nodiscard]] bool is_at_end() const { return at_ >= text_.size(); }
  void skip_blanks() {
    while (!is_at_end() && is_blank(text_[at_])) ++at_;
  }
  [[nodiscard]] diag::Span span(std::size_t begin, std::size_t end) const {
    return {file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }
  [[nodiscard]] std::size_t word_end() const {
    const auto end = std::find_if(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.end(), is_blank);
    return static_cast<std::size_t>(end - text_.begin());
  }

  /// Nothing when it is wrong; the rest of its word is left out then.
  std::optional<Term> term() {
    Term term;
    const std::size_t begin = at_;
    for (; !is_at_end() && text_[at_] == '!'; ++at_) term.is_negated = !term.is_negated;
    const std::size_t end = word_end();
    if (at_ == end) {
      sink_.error("filter-without-word", span(begin, end), "nothing stands behind '!'");
      return std::nullopt;
    }
    const KeyRow* row = nullptr;
    const std::string_view word = text_.substr(at_, end - at_);
    // An IPv6 address may look as if it had a key.
    if (!net::Prefix::parse(word) && !read_key(word, row)) {
      at_ = end;
      return std::nullopt;
    }
    if (row != nullptr) term.key = row->key;
    return read_values(term, row) ? std::optional(std::move(term)) : std::nullopt;
  }

  /// False when the word has a key that there is not. Goes behind the key.
  bool read_key(std::string_view word, const KeyRow*& row) {
    const auto colon = static_cast<std::size_t>(std::ranges::find_if_not(word, is_key_character) - word.begin());
    if (colon == 0 || colon >= word.size() || word[colon] != ':') return true;
    const std::string name = base::to_lower(word.substr(0, colon));
    row = find_key(name);
    const diag::Span where = span(at_, at_ + colon);
    if (row == nullptr) {
      std::vector<std::string_view> names;
      for (const KeyRow& each : keys())
        if (has(each, of_)) names.push_back(each.name);
      sink_.error("unknown-filter-key", where, fmt::format("filters have no key {}", quoted(name))).suggestion =
          base::nearest(name, names);
      return false;
    }
    if (!has(*row, of_)) {
      sink_.error("other-filter-key", where,
                  fmt::format("key '{}' is of {}", row->name,
                              of_ == Of::Connections ? "the log: connections have not got it"
                                                     : "live connections: the log has not got it"));
      return false;
    }
    at_ += colon + 1;
    return true;
  }

  bool read_values(Term& term, const KeyRow* row) {
    bool is_good = true;
    for (;;) {
      const std::size_t begin = at_;
      const auto text = read_text();
      if (!text) return false;
      if (text->empty()) {
        sink_.error("filter-without-value", span(begin, std::min(begin + 1, text_.size())),
                    row == nullptr ? std::string("a word is missing")
                                   : fmt::format("key '{}' has no value: {}", row->name, row->help));
        is_good = false;
      } else if (auto value = read_value(*text, row, span(begin, at_))) {
        term.values.push_back(*std::move(value));
      } else {
        is_good = false;
      }
      if (is_at_end() || text_[at_] != ',') break;
      ++at_;
    }
    if (!is_at_end() && !is_blank(text_[at_])) {
      sink_.error("filter-quote", span(at_, word_end()),
                  "a blank or a comma is missing here: quotes are around a whole value");
      at_ = word_end();
      is_good = false;
    }
    return is_good;
  }

  /// Up to a comma or a blank, or what is in quotes.
  std::optional<std::string> read_text() {
    if (!is_at_end() && text_[at_] == '"') {
      const std::size_t end = text_.find('"', at_ + 1);
      if (end == std::string_view::npos) {
        sink_.error("filter-open-quote", span(at_, text_.size()), "the quote has no end");
        at_ = text_.size();
        return std::nullopt;
      }
      std::string text(text_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
      return text;
    }
    const std::size_t begin = at_;
    while (!is_at_end() && text_[at_] != ',' && text_[at_] != '"' && !is_blank(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::optional<Value> read_value(const std::string& text, const KeyRow* row, diag::Span where) {
    const ValueKind kind = row == nullptr ? ValueKind::Any : row->value;
    const auto value = [&](auto what) { return Value{.what = std::move(what), .span = where}; };
    const auto wrong = [&](std::string_view expected) -> std::optional<Value> {
      sink_.error("wrong-filter-value", where,
                  fmt::format("key '{}' expects {}, not {}", row->name, expected, quoted(text)));
      return std::nullopt;
    };
    switch (kind) {
      case ValueKind::Any:
      case ValueKind::End:
        if (const auto prefix = net::Prefix::parse(text)) return value(prefix->network());
        if (kind == ValueKind::Any)
          if (const auto ports = read_range(text, 0xffff)) return value(*ports);
        return value(Pattern{text});
      case ValueKind::Name:
      case ValueKind::Text: return value(Pattern{text});
      case ValueKind::Protocol:
        if (const auto number = protocol_named(base::to_lower(text))) return value(Range{*number, *number});
        return wrong("a protocol like tcp, udp, icmp or a number up to 255");
      case ValueKind::Port:
      case ValueKind::Number:
        if (const auto range = read_range(text, 0xffff)) return value(*range);
        return wrong("a number up to 65535 or a range like 1024-2047");
      case ValueKind::Mark:
        if (const auto mark = read_mark(text)) return value(*mark);
        return wrong("a mark like 0x10005000, or with a mask 0x10000000/0x30000000");
      case ValueKind::Amount:
        if (const auto range = read_amounts(text)) return value(*range);
        return wrong("an amount like 500, >1M, <10k or 10k-20k");
      case ValueKind::Family:
        if (text == "4" || base::to_lower(text) == "ipv4") return value(Range{4, 4});
        if (text == "6" || base::to_lower(text) == "ipv6") return value(Range{6, 6});
        return wrong("4 or 6");
      case ValueKind::State: {
        const std::string state = base::to_lower(text);
        if (std::ranges::find(states(), state) != states().end()) return value(Pattern{state});
        sink_.error("wrong-filter-value", where, fmt::format("no connection has the state {}", quoted(text)))
            .suggestion = base::nearest(state, states());
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  std::string_view text_;
  diag::FileId file_;
  Of of_;
  diag::Sink& sink_;
  std::size_t at_ = 0;
};

bool is_known(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

/// "firewall" and "firewall(lan)".
bool is_firewall(std::string_view word) { return word == "firewall" || word.starts_with("firewall("); }

bool is_elsewhere_known(const std::string& word) {
  return protocol_named(word) || std::ranges::find(states(), word) != states().end();
}

}  // namespace

Filter parse(std::string_view text, diag::FileId file, Of of, diag::Sink& sink) {
  return Filter(Parser(text, file, of, sink).all());
}

void check_words(const Filter& filter, const KnownWords& known, diag::Sink& sink) {
  const auto report = [&](const Value& value, std::string message, bool ends, bool services) {
    std::vector<std::string_view> near;
    if (ends) near.assign(known.ends.begin(), known.ends.end());
    if (ends) near.emplace_back("firewall");
    if (services) near.insert(near.end(), known.services.begin(), known.services.end());
    sink.error("unknown-filter-name", value.span, std::move(message)).suggestion =
        base::nearest(std::get<Pattern>(value.what).text, near);
  };
  for (const Term& term : filter.terms())
    for (const Value& value : term.values) {
      const auto* pattern = std::get_if<Pattern>(&value.what);
      if (pattern == nullptr || pattern->text.contains('*')) continue;
      const std::string& word = pattern->text;
      const bool is_end = is_known(known.ends, word) || is_firewall(word);
      switch (term.key) {
        case Key::Source:
        case Key::Destination:
        case Key::Host:
        case Key::Network:
        case Key::Zone:
          if (!is_end)
            report(value, fmt::format("the configuration has nothing of the name {}", quoted(word)), true, false);
          break;
        case Key::Service:
          if (!is_known(known.services, word))
            report(value, fmt::format("the configuration has no service {}", quoted(word)), false, true);
          break;
        case Key::Anything:
          if (!is_end && !is_known(known.services, word) && !is_elsewhere_known(word))
            report(value, fmt::format("nothing is called {}", quoted(word)), true, true);
          break;
        default: break;
      }
    }
}

}  // namespace vuurmuur::filter
