// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "history/journal.h"
#include "history/json_place.h"

// The journal as it is read. What decides which rules come into force is not guessed: everything has to be as
// journal_json.cpp writes it.
namespace vuurmuur::history {
namespace {

using Json = nlohmann::json;

/// What is wrong with a value, on its way out of the readers.
struct Wrong {
  std::string path;
  std::string what;  ///< "is missing"
  int code = EBADMSG;
};

/// As it stands in the file, so short that a line can hold it.
std::string text_of(const Json& json) {
  constexpr std::size_t kLongest = 40;
  if (json.is_object()) return "an object";
  if (json.is_array()) return "an array";
  const std::string text = json.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "…";
}

/// A value of the file, with its path there.
class Value {
 public:
  explicit Value(const Json& json, std::string path = {}) : json_(&json), path_(std::move(path)) {}

  /// Whether an object has a member that is not null.
  [[nodiscard]] bool has(const char* name) const { return object().contains(name) && !(*json_)[name].is_null(); }
  [[nodiscard]] Value at(const char* name) const {
    std::string path = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    const auto found = object().find(name);
    if (found == json_->end()) throw Wrong{.path = path_, .what = fmt::format("'{}' is missing", path)};
    return Value(*found, std::move(path));
  }
  [[nodiscard]] std::vector<Value> elements() const {
    if (!json_->is_array()) expected("an array");
    std::vector<Value> values;
    for (std::size_t i = 0; i < json_->size(); ++i) values.emplace_back((*json_)[i], fmt::format("{}[{}]", path_, i));
    return values;
  }
  [[nodiscard]] std::string text() const {
    if (!json_->is_string()) expected("text");
    return json_->get<std::string>();
  }
  [[nodiscard]] bool flag() const {
    if (!json_->is_boolean()) expected("true or false");
    return json_->get<bool>();
  }
  template <class T>
  [[nodiscard]] T number() const {
    const bool is_good = json_->is_number_unsigned()
                             ? std::in_range<T>(json_->get<std::uint64_t>())
                             : json_->is_number_integer() && std::in_range<T>(json_->get<std::int64_t>());
    if (!is_good) expected(std::is_signed_v<T> ? "a whole number" : "a whole number from 0");
    return json_->get<T>();
  }
  [[noreturn]] void expected(std::string_view what) const {
    const std::string subject = path_.empty() ? "it" : fmt::format("'{}'", path_);
    throw Wrong{.path = path_, .what = fmt::format("{} is {}, where {} was expected", subject, text_of(*json_), what)};
  }

 private:
  [[nodiscard]] const Json& object() const {
    if (!json_->is_object()) expected("an object");
    return *json_;
  }

  const Json* json_;
  std::string path_;
};

What what_of(const Value& value) {
  if (const auto what = what_named(value.text())) return *what;
  value.expected("a state of a generation");
}

Event event_of(const Value& value) {
  return {.what = what_of(value.at("what")),
          .time = value.at("time").number<std::int64_t>(),
          .who = {.uid = value.at("uid").number<std::uint32_t>(),
                  .user = value.at("user").text(),
                  .from = value.at("from").text()},
          .detail = value.has("detail") ? value.at("detail").text() : ""};
}

/// One of two members, when something was wished.
std::optional<bool> comments_of(const Value& value) {
  if (value.has("no_comments") && value.at("no_comments").flag()) return false;
  if (value.has("comments") && value.at("comments").flag()) return true;
  return std::nullopt;
}

Generation generation_of(const Value& value) {
  Generation generation{.number = value.at("number").number<Number>(),
                        .directory = value.at("directory").text(),
                        .backend = value.at("backend").text(),
                        .comment = value.has("comment") ? value.at("comment").text() : "",
                        .comments = comments_of(value),
                        .copy_of = {},
                        .events = {}};
  if (value.has("copy_of")) generation.copy_of = value.at("copy_of").number<Number>();
  for (const Value& event : value.at("events").elements()) generation.events.push_back(event_of(event));
  if (generation.events.empty()) value.at("events").expected("at least one event");
  return generation;
}

Pending pending_of(const Value& value) {
  Pending pending{.generation = value.at("generation").number<Number>(), .deadline = {}};
  if (value.has("deadline"))
    pending.deadline = Moment{.boot = value.at("deadline").at("boot").text(),
                              .nanoseconds = value.at("deadline").at("nanoseconds").number<std::int64_t>()};
  return pending;
}

Journal journal_of(const Value& value) {
  if (const auto format = value.at("format").number<int>(); format != kJournalFormat)
    throw Wrong{.path = "format",
                .what = fmt::format("it is of format {}, as if another version of the program had written it; this one "
                                    "reads format {}",
                                    format, kJournalFormat),
                .code = EPROTO};
  Journal journal{.next = value.at("next").number<Number>(), .confirmed = {}, .pending = {}, .generations = {}};
  journal.is_cleared = value.has("cleared") && value.at("cleared").flag();
  for (const Value& generation : value.at("generations").elements()) {
    const Number last = journal.generations.empty() ? 0 : journal.generations.back().number;
    journal.generations.push_back(generation_of(generation));
    const Number number = journal.generations.back().number;
    if (number <= last) generation.at("number").expected(fmt::format("a number above {}", last));
    if (number >= journal.next) generation.at("number").expected("a number below 'next'");
  }
  // What is to be in force must be there.
  const auto of_the_file = [&](const Value& number) {
    if (journal.find(number.number<Number>()) == nullptr) number.expected("one of the generations of the file");
    return number.number<Number>();
  };
  if (value.has("confirmed")) journal.confirmed = of_the_file(value.at("confirmed"));
  if (value.has("pending")) {
    journal.pending = pending_of(value.at("pending"));
    static_cast<void>(of_the_file(value.at("pending").at("generation")));
  }
  return journal;
}

std::unexpected<base::Error> damaged(TextPlace place, std::string_view what, int code = EBADMSG) {
  return std::unexpected(base::Error{
      .message = fmt::format("cannot be used: line {}, column {}: {}", place.line, place.column, what), .code = code});
}

}  // namespace

base::Result<Journal> journal_from_json(std::string_view text) {
  if (text.empty()) return std::unexpected(base::Error{.message = "cannot be used: it is empty", .code = EBADMSG});
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& problem) {
    // Its position counts from 1, and is that of the last byte that was read.
    if (problem.byte > text.size()) return damaged(place_of_byte(text, text.size()), "the file ends in the middle");
    return damaged(place_of_byte(text, problem.byte - 1), "this is no JSON");
  }
  try {
    return journal_of(Value(json));
  } catch (const Wrong& wrong) {
    return damaged(place_of_value(text, wrong.path), wrong.what, wrong.code);
  }
}

}  // namespace vuurmuur::history
