// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/assertion_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "base/nearest.h"
#include "base/strings.h"
#include "sema/names.h"

namespace vuurmuur::analyse {
namespace {

using Word = model::Located<std::string>;
using Kind = Assertion::Kind;
using Verdict = Assertion::Verdict;

constexpr std::array<std::pair<std::string_view, Verdict>, 5> kVerdicts{{{"accepted", Verdict::Accepted},
                                                                         {"queued", Verdict::Queued},
                                                                         {"dropped", Verdict::Dropped},
                                                                         {"rejected", Verdict::Rejected},
                                                                         {"refused", Verdict::Refused}}};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Words and commas of a line.
std::vector<Word> words_of(std::string_view line, diag::FileId file, std::uint32_t begin) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < line.size() && line[at] != '#') {
    if (is_blank(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (line[at] != ',')
      while (end < line.size() && !is_blank(line[end]) && line[end] != ',' && line[end] != '#') ++end;
    words.emplace_back(std::string(line.substr(at, end - at)), diag::Span{file, begin + static_cast<std::uint32_t>(at),
                                                                          begin + static_cast<std::uint32_t>(end)});
    at = end;
  }
  return words;
}

class StatementParser {
 public:
  StatementParser(const std::vector<Word>& words, diag::Sink& sink) : words_(words), sink_(sink) {}

  std::optional<Assertion> parse() {
    assertion_.span = {words_.front().span.file, words_.front().span.begin, words_.back().span.end};
    return statement() && end() ? std::optional(std::move(assertion_)) : std::nullopt;
  }

 private:
  bool statement() {
    if (take("only")) {
      assertion_.kind = Kind::Only;
      return names(assertion_.from, "who is the only one") && expect({"reaches", "reach"}) && reached();
    }
    // "S from A to B is V" has its "from" where the others have what they say.
    std::vector<Word> first;
    if (!names(first, "who reaches, or a service")) return false;
    if (take("from")) {
      assertion_.services = std::move(first);
      drop_any(assertion_.services);
      return names(assertion_.from, "where it comes from") && expect({"to"}) &&
             names(assertion_.to, "where it goes to") && expect({"is", "are"}) && verdict();
    }
    assertion_.from = std::move(first);
    if (take("can")) {
      assertion_.kind = take("not") ? Kind::Never : Kind::Reaches;
      return expect({"reach"}) && reached();
    }
    if (take("cannot")) {
      assertion_.kind = Kind::Never;
      return expect({"reach"}) && reached();
    }
    if (take("never")) {
      assertion_.kind = Kind::Never;
      return expect({"reaches", "reach"}) && reached();
    }
    return missing({"can", "cannot", "never", "from"});
  }

  bool reached() {
    if (!names(assertion_.to, "what is reached")) return false;
    if (!take("service") && !take("services")) return true;
    if (!names(assertion_.services, "a service")) return false;
    drop_any(assertion_.services);
    return true;
  }

  bool verdict() {
    assertion_.kind = take("not") ? Kind::IsNot : Kind::Is;
    for (const auto& [word, verdict] : kVerdicts) {
      if (!take(word)) continue;
      assertion_.verdict = verdict;
      return verdict != Verdict::Queued || !take("to") || queues();
    }
    std::vector<std::string_view> words;
    for (const auto& row : kVerdicts) words.push_back(row.first);
    return missing(words);
  }

  bool queues() {
    if (at_ == words_.size()) return missing_at_end("the number of a queue");
    const Word& word = words_[at_++];
    const std::size_t colon = word->find(':');
    const auto first = base::parse_number<std::uint16_t>(word->substr(0, colon));
    const auto last = colon == std::string::npos ? first : base::parse_number<std::uint16_t>(word->substr(colon + 1));
    if (!first || !last || *first > *last) {
      sink_.error("bad-assertion", word.span,
                  fmt::format("expected the number of a queue or N:M up to 65535, not {}", sema::quoted(*word)));
      return false;
    }
    assertion_.queues = model::QueueRange{*first, *last};
    return true;
  }

  /// "A", "A, B and C".
  bool names(std::vector<Word>& to, std::string_view what) {
    do {
      if (at_ == words_.size()) return missing_at_end(what);
      const Word& word = words_[at_];
      if (*word == "," || is_keyword(*word)) {
        sink_.error("bad-assertion", word.span, fmt::format("expected {} before {}", what, sema::quoted(*word)));
        return false;
      }
      to.push_back(word);
      ++at_;
    } while (take(",") || take("and") || take("or"));
    return true;
  }

  /// "any" among services says nothing.
  static void drop_any(std::vector<Word>& services) {
    const bool has_any = std::ranges::any_of(services, [](const Word& word) {
      return base::equals_ignoring_case(*word, "any") || base::equals_ignoring_case(*word, "all");
    });
    if (has_any) services.clear();
  }

  static bool is_keyword(std::string_view word) {
    constexpr std::array<std::string_view, 13> kWords{"can", "cannot", "never", "reach", "reaches", "from", "to",
                                                      "is",  "are",    "only",  "and",   "or",      "not"};
    return std::ranges::any_of(kWords, [&](std::string_view each) { return base::equals_ignoring_case(each, word); });
  }

  bool take(std::string_view word) {
    if (at_ == words_.size() || !base::equals_ignoring_case(*words_[at_], word)) return false;
    ++at_;
    return true;
  }

  bool expect(std::initializer_list<std::string_view> words) {
    if (std::ranges::any_of(words, [&](std::string_view word) { return take(word); })) return true;
    return missing(words);
  }

  /// One of some words should stand here.
  bool missing(std::span<const std::string_view> words) {
    const std::string wanted = fmt::format("'{}'", fmt::join(words, "' or '"));
    if (at_ == words_.size()) return missing_at_end(wanted);
    const Word& word = words_[at_];
    sink_.error("bad-assertion", word.span, fmt::format("expected {}, not {}", wanted, sema::quoted(*word)))
        .suggestion = base::nearest(*word, words);
    return false;
  }
  bool missing(std::initializer_list<std::string_view> words) {
    return missing(std::span(words.begin(), words.size()));
  }

  bool missing_at_end(std::string_view what) {
    const diag::Span& last = words_.back().span;
    sink_.error("bad-assertion", diag::Span{last.file, last.end, last.end},
                fmt::format("expected {} behind {}", what, sema::quoted(*words_.back())));
    return false;
  }

  bool end() {
    if (at_ == words_.size()) return true;
    sink_.error("bad-assertion", words_[at_].span,
                fmt::format("the statement ended before {}", sema::quoted(*words_[at_])));
    return false;
  }

  const std::vector<Word>& words_;
  diag::Sink& sink_;
  Assertion assertion_;
  std::size_t at_ = 0;
};

std::string list_of(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : ", ") + *word;
  return text;
}

}  // namespace

std::vector<Assertion> read_assertions(std::string_view text, diag::FileId file, diag::Sink& sink) {
  std::vector<Assertion> assertions;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::vector<Word> words = words_of(text.substr(begin, end - begin), file, static_cast<std::uint32_t>(begin));
    if (!words.empty())
      if (auto assertion = StatementParser(words, sink).parse()) assertions.push_back(std::move(*assertion));
    begin = end + 1;
  }
  return assertions;
}

std::string to_string(const Assertion& assertion) {
  const std::string from = list_of(assertion.from), to = list_of(assertion.to);
  const std::string service = assertion.services.empty() ? "" : " service " + list_of(assertion.services);
  switch (assertion.kind) {
    case Kind::Reaches: return fmt::format("{} can reach {}{}", from, to, service);
    case Kind::Never: return fmt::format("{} never reaches {}{}", from, to, service);
    case Kind::Only: return fmt::format("only {} reaches {}{}", from, to, service);
    case Kind::Is:
    case Kind::IsNot: break;
  }
  std::string text = fmt::format(
      "{} from {} to {} is {}{}", assertion.services.empty() ? "any" : list_of(assertion.services), from, to,
      assertion.kind == Kind::IsNot ? "not " : "", kVerdicts[static_cast<std::size_t>(assertion.verdict)].first);
  if (assertion.queues)
    text += assertion.queues->first == assertion.queues->last
                ? fmt::format(" to {}", assertion.queues->first)
                : fmt::format(" to {}:{}", assertion.queues->first, assertion.queues->last);
  return text;
}

}  // namespace vuurmuur::analyse
