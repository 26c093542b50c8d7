// SPDX-License-Identifier: GPL-2.0-or-later
#include "saved/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"

namespace vuurmuur::saved {
namespace {

/// A word of a line without its quotes; its text is that of the file where nothing had to be left out of it.
struct Word {
  std::string_view text;
  diag::Span span;
  bool is_quoted = false;

  [[nodiscard]] bool is(std::string_view other) const { return !is_quoted && text == other; }
  [[nodiscard]] bool is_option() const { return !is_quoted && text.size() > 1 && text.front() == '-'; }
};

/// Long forms of what belongs to iptables(8) itself.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kShort{{{"--protocol", "-p"},
                                                                                {"--proto", "-p"},
                                                                                {"--source", "-s"},
                                                                                {"--src", "-s"},
                                                                                {"--destination", "-d"},
                                                                                {"--dst", "-d"},
                                                                                {"--in-interface", "-i"},
                                                                                {"--out-interface", "-o"},
                                                                                {"--fragment", "-f"},
                                                                                {"--jump", "-j"},
                                                                                {"--goto", "-g"},
                                                                                {"--match", "-m"},
                                                                                {"--ipv4", "-4"},
                                                                                {"--ipv6", "-6"}}};
constexpr std::array<std::string_view, 8> kOwn{"-p", "-s", "-d", "-i", "-o", "-f", "-4", "-6"};

std::string_view short_form(std::string_view name) {
  const auto* const found = std::ranges::find(kShort, name, &std::pair<std::string_view, std::string_view>::first);
  return found == kShort.end() ? name : found->second;
}

class Reader {
 public:
  Reader(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink, SeeRule see)
      : file_(file), text_(sources.file(file).text()), sink_(sink), see_(std::move(see)) {}

  Ruleset run() {
    std::size_t begin = 0;
    while (begin < text_.size()) {
      std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) end = text_.size();
      read_line(begin, end);
      begin = end + 1;
    }
    if (table_ != nullptr)
      sink_.warning("no-commit", table_span_,
                    fmt::format("table '{}' does not end with COMMIT: is the file whole?", table_->name));
    return std::move(ruleset_);
  }

 private:
  [[nodiscard]] diag::Span span(std::size_t begin, std::size_t end) const {
    return {.file = file_, .begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(end)};
  }
  void complain(diag::Span where, std::string message) { sink_.error("bad-save-line", where, std::move(message)); }

  void read_line(std::size_t begin, std::size_t end) {
    while (begin < end && (text_[begin] == ' ' || text_[begin] == '\t')) ++begin;
    while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\t' || text_[end - 1] == '\r')) --end;
    if (begin == end || text_[begin] == '#') return;
    if (text_[begin] == '*') return begin_table(begin + 1, end);
    if (text_.substr(begin, end - begin) == "COMMIT") {
      table_ = nullptr;
      return;
    }
    if (table_ == nullptr)
      return complain(span(begin, end), "no table has begun here: expected a line like '*filter' before");
    if (text_[begin] == ':') return declare_chain(begin + 1, end);
    read_command(begin, end);
  }

  void begin_table(std::size_t begin, std::size_t end) {
    const std::string_view name = text_.substr(begin, end - begin);
    if (name.empty()) return complain(span(begin - 1, end), "expected the name of a table behind '*'");
    table_span_ = span(begin, end);
    auto found = std::ranges::find(ruleset_.tables, name, &Table::name);
    if (found == ruleset_.tables.end()) {
      ruleset_.tables.emplace_back().name = name;
      found = std::prev(ruleset_.tables.end());
    }
    table_ = &*found;
  }

  /// ":INPUT DROP [12:3400]", ":mine - [0:0]".
  void declare_chain(std::size_t begin, std::size_t end) {
    if (!split(begin, end)) return;
    if (words_.size() < 2)
      return complain(span(begin - 1, end), "expected a chain and its policy: ':INPUT ACCEPT [0:0]'");
    Chain& chain = table_->add(words_[0].text);
    chain.span = words_[0].span;
    chain.policy = words_[1].text == "-" ? "" : words_[1].text;
  }

  void read_command(std::size_t begin, std::size_t end) {
    if (!split(begin, end)) return;
    auto word = words_.cbegin();
    if (!word->is_quoted && word->text.starts_with('[') && word->text.ends_with(']')) ++word;
    if (word == words_.cend()) return complain(span(begin, end), "expected a rule behind the counters");
    const Word command = *word++;
    const bool is_known = command.is("-A") || command.is("-I") || command.is("-N") || command.is("-P") ||
                          command.is("--append") || command.is("--insert") || command.is("--new-chain") ||
                          command.is("--policy");
    if (!is_known)
      return complain(command.span,
                      fmt::format("'{}' is no line of a save file: expected -A, -I, -N or -P", command.text));
    if (word == words_.cend()) return complain(command.span, fmt::format("expected a chain behind '{}'", command.text));
    Chain& chain = table_->add((word++)->text);
    const char kind = command.text[command.text[1] == '-' ? 2 : 1];
    if (kind == 'N' || kind == 'n') {
      chain.span = command.span;
      return;
    }
    if (kind == 'P' || kind == 'p') {
      if (word == words_.cend()) return complain(command.span, "expected a policy behind the chain");
      chain.policy = word->text;
      return;
    }
    std::size_t place = chain.rules.size();
    if (kind == 'I' || kind == 'i') {
      place = 0;
      if (word != words_.cend() && !word->is_option())
        if (const auto number = base::parse_number<std::size_t>(word->text); number && *number >= 1) {
          if (*number > chain.rules.size() + 1)
            return complain(word->span, fmt::format("chain '{}' has {} rules", chain.name, chain.rules.size()));
          place = *number - 1;
          ++word;
        }
    }
    Rule rule;
    rule.span = span(begin, end);
    if (!read_rule({word, words_.cend()}, rule)) return;
    if (see_) see_(rule);
    chain.rules.insert(chain.rules.begin() + static_cast<std::ptrdiff_t>(place), std::move(rule));
  }

  bool read_rule(std::span<const Word> words, Rule& rule) {
    Match own, *match = nullptr;
    bool is_inverted = false, is_behind_target = false;
    diag::Span inversion;
    for (std::size_t i = 0; i < words.size();) {
      const Word& word = words[i++];
      if (word.is("!")) {
        is_inverted = true;
        inversion = word.span;
        continue;
      }
      if (!word.is_option()) {
        complain(word.span, fmt::format("'{}' belongs to no option", word.text));
        return false;
      }
      Option option{.name = std::string(short_form(word.text)),
                    .is_inverted = std::exchange(is_inverted, false),
                    .values = {},
                    .span = word.span};
      if (option.is_inverted) option.span.begin = inversion.begin;
      take_values(words, i, option);
      if (option.name == "-j" || option.name == "-g" || option.name == "-m") {
        if (option.values.size() != 1 || option.is_inverted) {
          complain(option.span, fmt::format("expected one name behind '{}'", option.name));
          return false;
        }
        if (option.name == "-m") {
          match = &rule.matches.emplace_back(Match{.name = option.values.front(), .options = {}, .span = option.span});
          is_behind_target = false;
          continue;
        }
        rule.target = option.values.front();
        rule.is_goto = option.name == "-g";
        is_behind_target = true;
        continue;
      }
      if (std::ranges::find(kOwn, option.name) != kOwn.end()) {
        own.options.push_back(std::move(option));
      } else if (is_behind_target) {
        rule.target_options.push_back(std::move(option));
      } else if (match == nullptr) {
        own.options.push_back(std::move(option));
      } else {
        match->span.end = option.span.end;
        match->options.push_back(std::move(option));
      }
    }
    if (!own.options.empty()) rule.matches.insert(rule.matches.begin(), std::move(own));
    if (!is_inverted) return true;
    complain(inversion, "expected an option behind '!'");
    return false;
  }

  /// Up to the next option. Old programs wrote the "!" between the two.
  static void take_values(std::span<const Word> words, std::size_t& i, Option& option) {
    if (i + 1 < words.size() && words[i].is("!") && !words[i + 1].is_option()) {
      option.is_inverted = !option.is_inverted;
      ++i;
    }
    while (i < words.size() && !words[i].is_option() && !words[i].is("!")) {
      option.span.end = words[i].span.end;
      option.values.emplace_back(words[i++].text);
    }
  }

  /// At blanks; in double quotes with a backslash before what is meant as it stands, as iptables-restore(8) reads it.
  bool split(std::size_t begin, std::size_t end) {
    words_.clear();
    unquoted_.clear();
    for (std::size_t at = begin; at < end;) {
      if (is_blank(at)) {
        ++at;
        continue;
      }
      const std::size_t first = at;
      while (at < end && !is_blank(at) && text_[at] != '"') ++at;
      Word word{.text = text_.substr(first, at - first), .span = {}};
      if (at < end && text_[at] == '"') {
        word.is_quoted = true;
        if (!unquote(first, at, end, word)) {
          complain(span(first, end), "the quote does not end on this line");
          return false;
        }
      }
      word.span = span(first, at);
      words_.push_back(word);
    }
    return true;
  }

  /// The text of a word that begins at `first` and has a quote at `at`, which is then behind it. False: a quote does
  /// not end.
  bool unquote(std::size_t first, std::size_t& at, std::size_t end, Word& word) {
    // Nearly all are quoted as a whole, and have no backslash.
    const std::size_t next = text_.substr(0, end).find_first_of("\"\\", at + 1);
    if (at == first && next < end && text_[next] == '"' && (next + 1 == end || is_blank(next + 1))) {
      word.text = text_.substr(first + 1, next - first - 1);
      at = next + 1;
      return true;
    }
    std::string& text = unquoted_.emplace_back(word.text);
    bool is_inside = false;
    for (; at < end && (is_inside || !is_blank(at)); ++at) {
      if (text_[at] == '"')
        is_inside = !is_inside;
      else if (is_inside && text_[at] == '\\' && at + 1 < end)
        text += text_[++at];
      else
        text += text_[at];
    }
    word.text = text;
    return !is_inside;
  }

  [[nodiscard]] bool is_blank(std::size_t at) const { return text_[at] == ' ' || text_[at] == '\t'; }

  diag::FileId file_;
  std::string_view text_;
  diag::Sink& sink_;
  SeeRule see_;
  Ruleset ruleset_;
  std::vector<Word> words_;           ///< of a line
  std::deque<std::string> unquoted_;  ///< texts of words of a line that are not in the file as they are meant
  Table* table_ = nullptr;
  diag::Span table_span_;
};

}  // namespace

Ruleset read(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink) {
  return read(file, sources, sink, {});
}

Ruleset read(diag::FileId file, const diag::SourceMap& sources, diag::Sink& sink, SeeRule see) {
  return Reader(file, sources, sink, std::move(see)).run();
}

}  // namespace vuurmuur::saved
