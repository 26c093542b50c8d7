// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/rule_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/names.h"
#include "config/rule_lexer.h"
#include "config/rule_options.h"

namespace vuurmuur::config {
namespace {

using model::Action;
using model::Endpoint;
using Kind = Token::Kind;

struct ActionRow {
  std::string_view word;
  Action action;
};

constexpr std::array kActions{
    ActionRow{"accept", Action::Accept}, ActionRow{"drop", Action::Drop},
    ActionRow{"reject", Action::Reject}, ActionRow{"log", Action::Log},
    ActionRow{"portfw", Action::Portfw}, ActionRow{"redirect", Action::Redirect},
    ActionRow{"snat", Action::Snat},     ActionRow{"masq", Action::Masq},
    ActionRow{"dnat", Action::Dnat},     ActionRow{"bounce", Action::Bounce},
    ActionRow{"chain", Action::Chain},   ActionRow{"nfqueue", Action::Nfqueue},
    ActionRow{"nflog", Action::Nflog},   ActionRow{"separator", Action::Separator},
    ActionRow{"queue", Action::Nfqueue},  // of older trees: queue 0
};

constexpr std::string_view kService = "service", kFrom = "from", kTo = "to", kOptions = "options";
constexpr std::string_view kAny = "any", kAll = "all", kFirewall = "firewall";

std::optional<Action> find_action(std::string_view word) {
  for (const ActionRow& row : kActions)
    if (base::equals_ignoring_case(row.word, word)) return row.action;
  return std::nullopt;
}

std::optional<std::string> nearest_action(std::string_view word) {
  std::vector<std::string_view> names;
  for (const ActionRow& row : kActions) names.push_back(row.word);
  return base::nearest(word, names);
}

std::optional<std::string> nearest_option(std::string_view word) {
  std::vector<std::string_view> names;
  for (const OptionRow& row : option_rows()) names.push_back(row.help.name);
  return base::nearest(word, names);
}

/// Reads one rule; never reports the same trouble twice: behind a mistake it goes on at the next place it is sure of.
class RuleParser {
 public:
  RuleParser(const Value& text, diag::Sink& sink) : value_(text), sink_(sink), lexer_(text.text()) { advance(); }

  std::optional<model::Rule> parse() {
    const std::size_t errors = sink_.error_count();
    rule_.span = value_.span(0, value_.text().size());
    parse_activity();
    parse_action();
    if (rule_.action.value == Action::Separator) {
      parse_end();
    } else if (parse_part(kService, "a service", {kFrom, kTo, kOptions}, &RuleParser::parse_service) &&
               parse_part(kFrom, "where it comes from", {kTo, kOptions}, &RuleParser::parse_from) &&
               parse_part(kTo, "where it goes to", {kOptions}, &RuleParser::parse_to)) {
      parse_end();
    }
    if (sink_.error_count() != errors) return std::nullopt;
    return std::move(rule_);
  }

 private:
  void advance() { token_ = lexer_.next(); }
  [[nodiscard]] bool is_word(const Token& token, std::string_view word) const {
    return token.kind == Kind::Word && base::equals_ignoring_case(token.text, word);
  }
  [[nodiscard]] bool at(std::string_view word) const { return is_word(token_, word); }
  [[nodiscard]] bool at_end() const { return token_.kind == Kind::End; }
  [[nodiscard]] diag::Span here() const { return value_.span(token_.text); }

  diag::Diagnostic& error(std::string_view code, diag::Span span, std::string message) {
    return sink_.error(std::string(code), span, std::move(message));
  }

  void parse_activity() {
    if (token_.kind != Kind::Word || !token_.text.starts_with(';')) return;
    rule_.active = false;
    const std::string& text = value_.text();
    const auto behind = static_cast<std::size_t>(token_.text.data() - text.data()) + 1;
    lexer_ = RuleLexer(std::string_view(text).substr(behind));
    advance();
  }

  void parse_action() {
    const auto action = token_.kind == Kind::Word ? find_action(token_.text) : std::nullopt;
    if (action) {
      rule_.action = {*action, here()};
    } else {
      error("unknown-action", here(),
            at_end() ? "expected an action" : fmt::format("unknown action {}", quoted(token_.text)))
          .suggestion = nearest_action(token_.text);
    }
    // A rule that begins with "service" lacks its action, nothing else.
    if (!at(kService)) advance();
  }

  using Reader = void (RuleParser::*)();

  /// A keyword and the word behind it; false when the rest of the rule is not worth reading.
  bool parse_part(std::string_view keyword, std::string_view what, std::initializer_list<std::string_view> later,
                  Reader read) {
    const auto is_later = [&](const Token& token) {
      return std::ranges::any_of(later, [&](std::string_view word) { return is_word(token, word); });
    };
    if (at_end()) {
      error("missing-part", here(), fmt::format("expected '{}' and {}, but the rule ends here", keyword, what));
      return false;
    }
    if (is_later(token_)) {
      error("missing-part", here(), fmt::format("expected '{}' and {} before {}", keyword, what, quoted(token_.text)));
      return true;
    }
    if (!parse_keyword(keyword, later)) return true;
    const bool is_missing = token_.kind != Kind::Word ||
                            (is_later(token_) && !is_later(lexer_.peek()) && !is_word(lexer_.peek(), token_.text));
    if (at_end()) {
      error("missing-part", here(), fmt::format("expected {} behind '{}', but the rule ends here", what, keyword));
      return false;
    }
    if (is_missing) {
      error("missing-part", here(), fmt::format("expected {} behind '{}', not {}", what, keyword, quoted(token_.text)));
      if (!is_later(token_)) advance();
      return true;
    }
    (this->*read)();
    advance();
    return true;
  }

  /// Takes the keyword, or reports what stands in its place. False when a later keyword was reached instead.
  bool parse_keyword(std::string_view keyword, std::initializer_list<std::string_view> later) {
    if (at(keyword)) return advance(), true;
    const std::string_view candidates[] = {keyword};
    auto& problem =
        error("missing-keyword", here(), fmt::format("expected '{}', not {}", keyword, quoted(token_.text)));
    problem.suggestion = base::nearest(token_.text, candidates);
    if (problem.suggestion) return advance(), true;
    // The keyword may have been forgotten (then its word stands here) or stand behind something that has no place.
    RuleLexer ahead = lexer_;
    for (Token token = ahead.next(); token.kind != Kind::End; token = ahead.next()) {
      if (std::ranges::any_of(later, [&](std::string_view word) { return is_word(token, word); })) return true;
      if (!is_word(token, keyword)) continue;
      lexer_ = ahead;
      advance();
      return true;
    }
    return true;
  }

  void parse_service() {
    if (base::equals_ignoring_case(token_.text, kAny) || base::equals_ignoring_case(token_.text, kAll)) {
      rule_.service = {std::string(kAny), here()};
      return;
    }
    if (!is_name(token_.text))
      error("bad-name", here(), fmt::format("{} is no name of a service", quoted(token_.text)));
    rule_.service = {std::string(token_.text), here()};
  }

  void parse_from() { rule_.from = {parse_endpoint(), here()}; }
  void parse_to() { rule_.to = {parse_endpoint(), here()}; }

  Endpoint parse_endpoint() {
    const std::string_view text = token_.text;
    const std::size_t bracket = text.find('(');
    const std::string_view name = text.substr(0, bracket);
    if (bracket != std::string_view::npos) return parse_bracket(name, text.substr(bracket));
    if (base::equals_ignoring_case(text, kAny)) return {.kind = Endpoint::Kind::Any, .name = {}};
    if (base::equals_ignoring_case(text, kFirewall)) return {.kind = Endpoint::Kind::Firewall, .name = {}};
    const std::size_t parts = count_parts(name);
    if (parts == 1) return {.kind = Endpoint::Kind::Zone, .name = std::string(name)};
    if (parts == 2) return {.kind = Endpoint::Kind::Network, .name = std::string(name)};
    return {.kind = Endpoint::Kind::Member, .name = std::string(name)};
  }

  Endpoint parse_bracket(std::string_view name, std::string_view bracket) {
    constexpr std::string_view kAnyBracket = "(any)", kBroadcastBracket = "(broadcast)";
    const bool is_firewall = base::equals_ignoring_case(name, kFirewall);
    const std::string_view wanted = is_firewall ? kAnyBracket : kBroadcastBracket;
    if (!base::equals_ignoring_case(bracket, wanted)) {
      const std::string_view candidates[] = {wanted};
      error("bad-endpoint", value_.span(bracket),
            fmt::format("{} cannot stand behind {}", quoted(bracket), quoted(name)))
          .suggestion = base::nearest(bracket, candidates);
      return {};
    }
    if (is_firewall) return {.kind = Endpoint::Kind::FirewallAny, .name = {}};
    if (count_parts(name) != 2 && is_name_of_parts(name))
      error("bad-endpoint", here(), fmt::format("(broadcast) needs a network, {} is none", quoted(name)));
    return {.kind = Endpoint::Kind::Broadcast, .name = std::string(name)};
  }

  [[nodiscard]] static bool is_name_of_parts(std::string_view name) {
    const auto parts = base::split(name, '.');
    return parts.size() <= 3 && std::ranges::all_of(parts, is_name);
  }

  /// Number of parts of a full name; reports a name that is none.
  std::size_t count_parts(std::string_view name) {
    if (!is_name_of_parts(name)) {
      error("bad-name", value_.span(name),
            fmt::format("{} is no name of a zone, network, host or group", quoted(name)));
      return 0;
    }
    return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1;
  }

  /// What follows the last part: nothing, or the options.
  void parse_end() {
    if (at_end()) return;
    if (at(kOptions)) {
      advance();
      return parse_options();
    }
    const std::string_view candidates[] = {kOptions};
    auto& problem = error("missing-keyword", here(),
                          fmt::format("expected 'options' or the end of the rule, not {}", quoted(token_.text)));
    problem.suggestion = base::nearest(token_.text, candidates);
    if (problem.suggestion) {
      advance();
      return parse_options();
    }
    if (token_.kind == Kind::Word && find_option(token_.text)) return parse_options();
    while (!at_end() && !at(kOptions)) advance();
    if (at_end()) return;
    advance();
    parse_options();
  }

  void parse_options() {
    if (at_end()) {
      sink_.warning("missing-option", here(), "expected an option behind 'options'");
      return;
    }
    for (;;) {
      if (token_.kind == Kind::Word) {
        parse_option();
      } else {
        error("missing-option", here(),
              at_end() ? std::string("expected an option behind ','")
                       : fmt::format("expected an option, not {}", quoted(token_.text)));
        if (token_.kind != Kind::Comma && !at_end()) advance();
      }
      if (at_end()) return;
      if (token_.kind == Kind::Comma) {
        advance();
      } else {
        error("missing-comma", here(), fmt::format("expected ',' before {}", quoted(token_.text)));
        // One report for all that stands before the next comma, unless it is an option.
        while (!at_end() && token_.kind != Kind::Comma && !(token_.kind == Kind::Word && find_option(token_.text)))
          advance();
        if (token_.kind == Kind::Comma) advance();
        if (at_end()) return;
      }
    }
  }

  void parse_option() {
    const Token name = token_;
    std::optional<Token> value;
    advance();
    if (token_.kind == Kind::Equals) {
      advance();
      value = token_;
      if (!take_option_value(name)) return;
    }
    const char* end = value ? value->text.data() + value->text.size() + 1 : name.text.data() + name.text.size();
    const OptionRow* row = find_option(name.text);
    if (!row) return keep_unknown(name, value);
    const auto begin = static_cast<std::size_t>(name.text.data() - value_.text().data());
    const diag::Span whole = value_.span(begin, static_cast<std::size_t>(end - value_.text().data()));
    if (!check_form(*row, name, value, whole)) return;
    const std::string_view raw = value ? value->text : name.text.substr(name.text.size());
    const OptionText text{value_, row->help.name, raw, unescape(raw), whole, sink_};
    row->read(text, rule_.options);
  }

  /// Takes the token behind '='; reports what is no value in quotes.
  bool take_option_value(const Token& name) {
    switch (token_.kind) {
      case Kind::String: return advance(), true;
      case Kind::Word:
        error("unquoted-option", here(),
              fmt::format("the value of option {} must stand in quotes: {}=\\\"{}\\\"", quoted(name.text), name.text,
                          token_.text.substr(0, 60)));
        return advance(), false;
      case Kind::Unclosed:
        error("unclosed-quote", here(), fmt::format("the value of option {} has no closing quote", quoted(name.text)));
        return advance(), false;
      case Kind::End:
      case Kind::Comma:
      case Kind::Equals:
        error("missing-option-value", value_.span(name.text),
              fmt::format("option {} has no value behind '='", quoted(name.text)));
        if (token_.kind == Kind::Equals) advance();
        return false;
    }
    return false;
  }

  /// Whether the option is written once, and with a value exactly if it has one.
  bool check_form(const OptionRow& row, const Token& name, const std::optional<Token>& value, diag::Span whole) {
    auto& first = seen_[static_cast<std::size_t>(&row - option_rows().data())];
    if (first) {
      error("duplicate-option", whole, fmt::format("option '{}' is given already", row.help.name))
          .notes.push_back({first, "the first is here"});
      return false;
    }
    first = whole;
    if (row.help.value.empty() == !value) return true;
    if (value) {
      error("unexpected-option-value", value_.span(value->text),
            fmt::format("option '{}' has no value", row.help.name));
    } else {
      error("missing-option-value", value_.span(name.text),
            fmt::format("option '{}' needs a value: {}=\\\"{}\\\"", row.help.name, row.help.name, row.help.value));
    }
    return false;
  }

  void keep_unknown(const Token& name, const std::optional<Token>& value) {
    if (is_obsolete_option(name.text)) {
      sink_.warning("obsolete-option", value_.span(name.text),
                    fmt::format("option {} has no meaning any more", quoted(name.text)));
    } else {
      sink_
          .warning("unknown-option", value_.span(name.text),
                   fmt::format("unknown option {}, kept but not used", quoted(name.text)))
          .suggestion = nearest_option(name.text);
    }
    std::optional<std::string> kept;
    if (value) kept = unescape(value->text);
    rule_.options.others.emplace_back(std::string(name.text), std::move(kept));
  }

  const Value& value_;
  diag::Sink& sink_;
  RuleLexer lexer_;
  Token token_;
  model::Rule rule_;
  std::vector<std::optional<diag::Span>> seen_{option_rows().size()};
};

void append_option(std::string& text, bool& is_first, std::string_view name, const std::optional<std::string>& value) {
  text += is_first ? " options " : ",";
  is_first = false;
  text += name;
  if (value) text += "=\"" + escape(*value) + '"';
}

}  // namespace

std::optional<model::Rule> parse_rule(const Value& text, diag::Sink& sink) { return RuleParser(text, sink).parse(); }

std::optional<model::Rule> parse_rule(std::string_view text) {
  diag::Sink ignored;
  return parse_rule(Value(escape(text), {}, 0), ignored);
}

std::string rule_to_text(const model::Rule& rule) {
  std::string text = rule.active ? "" : ";";
  text += to_string(rule.action.value);
  if (rule.action.value != Action::Separator) {
    text += " service " + rule.service.value;
    text += " from " + to_string(rule.from.value);
    text += " to " + to_string(rule.to.value);
  }
  bool is_first = true;
  for (const OptionRow& row : option_rows()) {
    auto value = row.write(rule.options);
    if (value && row.help.value.empty())
      value.reset();
    else if (!value)
      continue;
    append_option(text, is_first, row.help.name, value);
  }
  for (const auto& [name, value] : rule.options.others) append_option(text, is_first, name, value);
  return text;
}

}  // namespace vuurmuur::config
