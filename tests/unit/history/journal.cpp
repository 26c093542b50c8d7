// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/journal.h"

#include <cerrno>

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::history;

namespace {

const Actor kAnn{.uid = 0, .user = "ann", .from = "192.0.2.7"};

Event event(std::string detail = {}) { return {.time = 1764000000, .who = kAnn, .detail = std::move(detail)}; }

/// Generation 1 confirmed, 2 waiting for its confirmation until second 60 of boot "b".
Journal waiting() {
  Journal journal;
  begin(journal, "/etc/vuurmuur", "xtables", event());
  applied(journal, {}, event());
  begin(journal, "/etc/vuurmuur", "nft", event()).comment = "let \"mail\" in";
  applied(journal, Moment{.boot = "b", .nanoseconds = 60}, event());
  return journal;
}

}  // namespace

TEST_CASE("a generation without a deadline is confirmed as soon as it is in force") {
  Journal journal;
  begin(journal, "/etc/vuurmuur", "xtables", event());
  CHECK(journal.pending == Pending{.generation = 1, .deadline = {}});
  CHECK_FALSE(journal.confirmed.has_value());
  applied(journal, {}, event());
  CHECK(journal.confirmed == 1);
  CHECK_FALSE(journal.pending.has_value());
  CHECK(journal.find(1)->state() == What::Confirmed);
}

TEST_CASE("until it is confirmed the one before stays the one to go back to") {
  Journal journal = waiting();
  CHECK(journal.confirmed == 1);
  CHECK(journal.find(2)->state() == What::Applied);
  confirm(journal, event());
  CHECK(journal.confirmed == 2);
  CHECK_FALSE(journal.pending.has_value());
}

TEST_CASE("one that is taken back was rolled back when it was in force, and refused when it never was") {
  Journal journal = waiting();
  dismiss(journal, event("nobody confirmed it in time"));
  CHECK(journal.find(2)->state() == What::RolledBack);
  begin(journal, "/etc/vuurmuur", "xtables", event());
  dismiss(journal, event("no such match"));
  CHECK(journal.find(3)->state() == What::Refused);
  CHECK(journal.confirmed == 1);
  CHECK(journal.next == 4);
}

TEST_CASE("what a start does with what the last run left") {
  using Kind = Recovery::Kind;
  Journal journal;
  CHECK(recovery(journal, {"b", 0}).kind == Kind::Nothing);
  begin(journal, "/etc/vuurmuur", "xtables", event());
  CHECK(recovery(journal, {"b", 0}).kind == Kind::GoBack);
  journal = waiting();
  CHECK(recovery(journal, {"b", 0}).kind == Kind::Wait);
  CHECK(recovery(journal, {"b", 59}).kind == Kind::Wait);
  CHECK(recovery(journal, {"b", 60}).kind == Kind::GoBack);
  CHECK(recovery(journal, {"another boot", 0}).kind == Kind::GoBack);
  confirm(journal, event());
  CHECK(recovery(journal, {"another boot", 99}).kind == Kind::Nothing);
}

TEST_CASE("the oldest are forgotten, but not what is needed to go back") {
  Journal journal = waiting();
  dismiss(journal, event());
  for (int i = 0; i < 10; ++i) {
    begin(journal, "/etc/vuurmuur", "xtables", event());
    dismiss(journal, event());
  }
  begin(journal, "/etc/vuurmuur", "xtables", event());
  CHECK(prune(journal, 4) == std::vector<Number>{2, 3, 4, 5, 6, 7, 8, 9, 10});
  std::vector<Number> left;
  for (const Generation& generation : journal.generations) left.push_back(generation.number);
  CHECK(left == std::vector<Number>{1, 11, 12, 13});
  CHECK(prune(journal, 4).empty());
  CHECK(prune(journal, 0) == std::vector<Number>{11, 12});
}

TEST_CASE("a journal is read as it was written") {
  Journal journal = waiting();
  journal.find(2)->copy_of = 1;
  for (const std::optional<bool> comments : {std::optional(false), std::optional(true), std::optional<bool>()}) {
    journal.find(1)->comments = comments;
    CHECK(*journal_from_json(to_json(journal)) == journal);
  }
  dismiss(journal, event("detail"));
  CHECK(*journal_from_json(to_json(journal)) == journal);
  CHECK(*journal_from_json(to_json(Journal{})) == Journal{});
}

TEST_CASE("half a journal, or one of another program, is refused and never misread") {
  const std::string text = to_json(waiting());
  // The last bytes are the closing brace and the end of line.
  for (std::size_t size = 0; size + 2 < text.size(); ++size) CHECK_FALSE(journal_from_json(text.substr(0, size)));
  const auto replaced = [&](const std::string& what, const std::string& by) {
    std::string other = text;
    other.replace(other.find(what), what.size(), by);
    return journal_from_json(other);
  };
  CHECK(replaced("\"format\": 1", "\"format\": 2").error() ==
        base::Error{.message =
                        "cannot be used: line 2, column 12: it is of format 2, as if another version of the program "
                        "had written it; this one reads format 1",
                    .code = EPROTO});
  CHECK_FALSE(replaced("\"confirmed\": 1", "\"confirmed\": 7"));
  CHECK_FALSE(replaced("\"generation\": 2", "\"generation\": 9"));
  CHECK_FALSE(replaced("\"what\": \"applied\"", "\"what\": \"eaten\""));
  CHECK_FALSE(replaced("\"next\": 3", "\"next\": \"3\""));
}

TEST_CASE("what is wrong with a journal is told with its line and what was expected there") {
  const std::string text = to_json(waiting());
  const auto complaint = [](std::string_view damaged) {
    const auto journal = journal_from_json(damaged);
    REQUIRE_FALSE(journal);
    CHECK(journal.error().code == EBADMSG);
    constexpr std::string_view kBegin = "cannot be used: ";
    REQUIRE(journal.error().message.starts_with(kBegin));
    return journal.error().message.substr(kBegin.size());
  };
  const auto with = [&](const std::string& what, const std::string& by) {
    std::string other = text;
    other.replace(other.rfind(what), what.size(), by);
    return complaint(other);
  };
  CHECK(complaint("") == "it is empty");
  CHECK(complaint("{\n \"format\": 1,\n") == "line 3, column 1: the file ends in the middle");
  CHECK(complaint("{\n \"format\": oops\n}") == "line 2, column 12: this is no JSON");
  CHECK(complaint(std::string(30, '\0')) == "line 1, column 1: this is no JSON");
  CHECK(complaint("[]\n") == "line 1, column 1: it is an array, where an object was expected");
  CHECK(with("\"next\": 3", "\"next\": -3") ==
        "line 3, column 10: 'next' is -3, where a whole number from 0 was expected");
  CHECK(with("\"next\": 3", "\"last\": 3") == "line 1, column 1: 'next' is missing");
  CHECK(with("\"next\": 3", "\"next\": 2") ==
        "line 35, column 14: 'generations[1].number' is 2, where a number below 'next' was expected");
  CHECK(with("\"number\": 2", "\"number\": 1") ==
        "line 35, column 14: 'generations[1].number' is 1, where a number above 1 was expected");
  CHECK(with("\"what\": \"applied\"", "\"what\": \"eaten\"") ==
        "line 48, column 14: 'generations[1].events[1].what' is \"eaten\", where a state of a generation was expected");
  CHECK(with("\"user\": \"ann\"", "\"user\": [\"ann\"]") ==
        "line 51, column 14: 'generations[1].events[1].user' is an array, where text was expected");
  CHECK(with("\"confirmed\": 1", "\"confirmed\": 7") ==
        "line 4, column 15: 'confirmed' is 7, where one of the generations of the file was expected");
}

TEST_CASE("what happens to a generation in force does not change what it is") {
  Journal journal = waiting();
  confirm(journal, event());
  Generation& generation = *journal.find(2);
  CHECK(generation.drift() == nullptr);
  Event drift = event("chain INPUT was flushed");
  drift.what = What::Drifted;
  happened(generation, drift);
  CHECK(generation.state() == What::Confirmed);
  REQUIRE(generation.drift() != nullptr);
  CHECK(generation.drift()->detail == "chain INPUT was flushed");
  journal.is_cleared = true;
  CHECK(journal_from_json(to_json(journal)) == journal);
  Event repaired = event();
  repaired.what = What::Repaired;
  happened(generation, repaired);
  CHECK(generation.drift() == nullptr);
}

TEST_CASE("of what happens again and again the newest is kept") {
  Journal journal = waiting();
  Generation& generation = *journal.find(1);
  for (int i = 0; i < 100; ++i) {
    Event drift = event(std::to_string(i));
    drift.what = What::Drifted;
    happened(generation, drift);
  }
  CHECK(generation.events.size() == 2 + kKeptHappenings);
  CHECK(generation.events[0].what == What::Applying);
  CHECK(generation.events[1].what == What::Confirmed);
  CHECK(generation.events.back().detail == "99");
}
