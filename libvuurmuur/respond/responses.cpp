// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/responses.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <utility>

#include "base/duration.h"
#include "base/nearest.h"
#include "base/strings.h"

namespace vuurmuur::respond {
namespace {

using Action = Response::Action;

/// As long as somebody can be blocked: what ip_set can count (IPSET_MAX_TIMEOUT, 49 days).
constexpr std::chrono::seconds kLongest{UINT32_MAX / 1000};

struct Word {
  std::string text;
  diag::Span span;
  bool is_quoted = false;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Words, commas and texts in quotes of a line; nothing when a quote is not closed.
std::optional<std::vector<Word>> words_of(std::string_view line, diag::FileId file, std::uint32_t begin,
                                          diag::Sink& sink) {
  std::vector<Word> words;
  const auto span = [&](std::size_t from, std::size_t to) {
    return diag::Span{file, begin + static_cast<std::uint32_t>(from), begin + static_cast<std::uint32_t>(to)};
  };
  for (std::size_t at = 0; at < line.size() && line[at] != '#';) {
    if (is_blank(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (line[at] == '"') {
      end = line.find('"', end);
      if (end == std::string_view::npos) {
        sink.error("bad-response", span(at, line.size()), "expected '\"' at the end of this text");
        return std::nullopt;
      }
      words.push_back({std::string(line.substr(at + 1, end - at - 1)), span(at, end + 1), true});
      at = end + 1;
      continue;
    }
    if (line[at] != ',')
      while (end < line.size() && !is_blank(line[end]) && line[end] != ',' && line[end] != '#') ++end;
    words.push_back({std::string(line.substr(at, end - at)), span(at, end)});
    at = end;
  }
  return words;
}

class StatementParser {
 public:
  StatementParser(const std::vector<Word>& words, Responses& into, diag::Sink& sink)
      : words_(words), into_(into), sink_(sink) {}

  void parse() {
    if (take("never"))
      never();
    else if (take("at"))
      limit();
    else if (take("block"))
      block();
    else if (take("bait"))
      bait();
    else if (take("ignore"))
      respond({});
    else
      missing({"never", "at", "block", "bait", "ignore"});
  }

 private:
  void never() {
    std::vector<model::Located<std::string>> names;
    if (!expect({"block"})) return;
    do {
      if (at_ == words_.size()) return missing_at_end("an address, a network or a name");
      names.emplace_back(words_[at_].text, words_[at_].span);
      ++at_;
    } while (take(",") || take("and") || take("or"));
    if (is_at_end()) into_.never.insert(into_.never.end(), names.begin(), names.end());
  }

  /// "at most 1000 blocked", "at most 20 a second".
  void limit() {
    if (!expect({"most"})) return;
    const auto count = number("a number", 1, Responses::kMostBlocked);
    if (!count) return;
    if (take("blocked")) {
      if (is_at_end()) into_.most_blocked = *count;
      return;
    }
    if (!take("a") && !take("per")) {
      missing({"blocked", "a second"});
      return;
    }
    if (expect({"second"}) && is_at_end()) into_.most_a_second = *count;
  }

  void block() {
    Response response;
    if (take("source"))
      response.action = Action::BlockSource;
    else if (take("destination"))
      response.action = Action::BlockDestination;
    else
      return missing({"source", "destination"});
    for_time(std::move(response));
  }

  /// "bait source to honeypot.net.dmz for 1h when …".
  void bait() {
    Response response;
    if (take("source"))
      response.action = Action::BaitSource;
    else if (take("destination"))
      response.action = Action::BaitDestination;
    else
      return missing({"source", "destination"});
    if (!expect({"to"})) return;
    if (at_ == words_.size()) return missing_at_end("a host that BAIT of config.conf names");
    response.bait = {words_[at_].text, words_[at_].span};
    ++at_;
    for_time(std::move(response));
  }

  /// "for 1h when …".
  void for_time(Response response) {
    if (!expect({"for"})) return;
    if (at_ == words_.size()) return missing_at_end("a time like 90s, 10m, 2h or 7d");
    const Word& word = words_[at_++];
    const auto time = base::parse_duration(word.text);
    if (!time || *time > kLongest) {
      sink_.error("bad-response", word.span,
                  fmt::format("expected a time up to 49 days like 90s, 10m, 2h or 7d, not '{}'", word.text));
      return;
    }
    response.time = *time;
    respond(std::move(response));
  }

  void respond(Response response) {
    response.span = {words_.front().span.file, words_.front().span.begin, words_.back().span.end};
    if (expect({"when"}) && condition(response.when) && is_at_end()) into_.responses.push_back(std::move(response));
  }

  bool condition(Condition& when) {
    if (take("any")) return true;
    do {
      if (take("signature") || take("signatures")) {
        if (!signatures(when)) return false;
      } else if (take("severity")) {
        if (!severity(when)) return false;
      } else if (take("category")) {
        if (at_ == words_.size() || !words_[at_].is_quoted) {
          missing_what("the name of a category in quotes");
          return false;
        }
        when.category = words_[at_++].text;
      } else {
        missing({"signature", "severity", "category", "any"});
        return false;
      }
    } while (take("and"));
    return true;
  }

  bool signatures(Condition& when) {
    do {
      const auto signature = number("the number of a signature", 1, UINT32_MAX);
      if (!signature) return false;
      when.signatures.push_back(*signature);
    } while (take(",") || take("or"));
    return true;
  }

  /// "1", "1:2".
  bool severity(Condition& when) {
    if (at_ == words_.size()) {
      missing_what("a severity");
      return false;
    }
    const Word& word = words_[at_++];
    const std::size_t colon = word.text.find(':');
    when.worst = base::parse_number<std::uint32_t>(std::string_view(word.text).substr(0, colon));
    when.mildest = colon == std::string::npos
                       ? when.worst
                       : base::parse_number<std::uint32_t>(std::string_view(word.text).substr(colon + 1));
    if (when.worst && when.mildest && *when.worst <= *when.mildest) return true;
    sink_.error("bad-response", word.span,
                fmt::format("expected a severity, of which 1 is the worst, or N:M, not '{}'", word.text));
    return false;
  }

  std::optional<std::uint32_t> number(std::string_view what, std::uint32_t least, std::uint32_t most) {
    if (at_ == words_.size()) {
      missing_at_end(what);
      return std::nullopt;
    }
    const Word& word = words_[at_++];
    const auto value = base::parse_number<std::uint32_t>(word.text);
    if (value && *value >= least && *value <= most) return value;
    sink_.error("bad-response", word.span,
                fmt::format("expected {} from {} to {}, not '{}'", what, least, most, word.text));
    return std::nullopt;
  }

  bool take(std::string_view word) {
    if (at_ == words_.size() || words_[at_].is_quoted || !base::equals_ignoring_case(words_[at_].text, word))
      return false;
    ++at_;
    return true;
  }

  bool expect(std::initializer_list<std::string_view> words) {
    if (std::ranges::any_of(words, [&](std::string_view word) { return take(word); })) return true;
    missing(words);
    return false;
  }

  /// One of some words should stand here.
  void missing(std::initializer_list<std::string_view> words) {
    missing_what(fmt::format("'{}'", fmt::join(words, "' or '")), std::span(words.begin(), words.size()));
  }

  void missing_what(std::string_view wanted, std::span<const std::string_view> words = {}) {
    if (at_ == words_.size()) return missing_at_end(wanted);
    const Word& word = words_[at_];
    sink_.error("bad-response", word.span, fmt::format("expected {}, not '{}'", wanted, word.text)).suggestion =
        base::nearest(word.text, words);
  }

  void missing_at_end(std::string_view what) {
    const diag::Span& last = words_.back().span;
    sink_.error("bad-response", diag::Span{last.file, last.end, last.end},
                fmt::format("expected {} behind '{}'", what, words_.back().text));
  }

  bool is_at_end() {
    if (at_ == words_.size()) return true;
    sink_.error("bad-response", words_[at_].span, fmt::format("the statement ended before '{}'", words_[at_].text));
    return false;
  }

  const std::vector<Word>& words_;
  Responses& into_;
  diag::Sink& sink_;
  std::size_t at_ = 0;
};

}  // namespace

bool Condition::is_met_by(const Alert& alert) const {
  if (!signatures.empty() && std::ranges::find(signatures, alert.signature) == signatures.end()) return false;
  if (worst && (alert.severity < *worst || alert.severity > *mildest)) return false;
  return !category || base::equals_ignoring_case(*category, alert.category);
}

Responses read_responses(std::string_view text, diag::FileId file, diag::Sink& sink) {
  Responses responses;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const auto words = words_of(text.substr(begin, end - begin), file, static_cast<std::uint32_t>(begin), sink);
    if (words && !words->empty()) StatementParser(*words, responses, sink).parse();
    begin = end + 1;
  }
  return responses;
}

}  // namespace vuurmuur::respond
