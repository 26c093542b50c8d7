// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/document.h"

#include <random>

#include "support/catch.h"

namespace {

using namespace vuurmuur;
using config::Document;
using config::KeyCase;
using config::Line;
using Texts = std::vector<std::string>;

std::string after_set(std::string text, std::string_view key, const Texts& values) {
  Document document(std::move(text));
  document.set(key, values);
  return document.to_text();
}

}  // namespace

TEST_CASE("a document that nobody changes keeps every byte") {
  std::mt19937 engine(7);
  constexpr std::string_view kPieces[] = {
      "KEY", "=", "\"", "\\", "#", "\n", "\r\n", " ", "a", std::string_view("\0", 1), "\xFF"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t left = engine() % 40; left > 0; --left) text += kPieces[engine() % std::size(kPieces)];
    REQUIRE(Document(text).to_text() == text);
  }
}

TEST_CASE("lines are told apart") {
  const Document document(
      "# c\n\n \t\nKEY=\"v\"\n key = \"v\" # c\nKEY=v w \r\nnothing\nKEY=\"v\nKEY=\"v\"w\n=\"v\"\n");
  std::vector<Line::Kind> kinds;
  for (const Line& line : document.lines()) kinds.push_back(line.kind);
  using enum Line::Kind;
  CHECK(kinds == std::vector{Comment, Blank, Blank, Entry, Entry, Entry, NoEntry, UnclosedQuote, AfterValue, NoEntry});
  CHECK(document.key(document.lines()[4]) == "key");
  CHECK(document.raw_value(document.lines()[5]) == "v w");
  CHECK(document.raw_value(document.lines()[7]) == "v");
}

TEST_CASE("case of keys counts where it is said to") {
  CHECK(Document("key=\"1\"\nKEY=\"2\"\n").values("Key") == Texts{"1", "2"});
  CHECK(Document("key=\"1\"\nKEY=\"2\"\n", KeyCase::Significant).values("KEY") == Texts{"2"});
}

TEST_CASE("empty values are none and hide nothing") {
  CHECK(Document("R=\"\"\nR=\"1\"\nR=\"\"\nR=\"2\"\n").values("R") == Texts{"1", "2"});
}

TEST_CASE("quotes and backslashes survive being written") {
  CHECK(config::escape("say \"hi\"") == "say \\\"hi\\\"");
  CHECK(config::escape("a\\b") == "a\\b");
  CHECK(config::escape("a\\") == "a\\\\");
  CHECK(config::escape("two\nlines") == "two lines");
  CHECK(config::escape(std::string("zero\0byte", 9)) == std::string("zero\0byte", 9));
  std::mt19937 engine(3);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (std::size_t left = engine() % 10; left > 0; --left) text += "\\\"ab"[engine() % 4];
    REQUIRE(config::unescape(config::escape(text)) == text);
    const Document document("K=\"" + config::escape(text) + "\"\n");
    REQUIRE(document.lines()[0].kind == Line::Kind::Entry);
    REQUIRE(config::unescape(document.raw_value(document.lines()[0])) == text);
  }
}

TEST_CASE("a value knows where its parts stand, backslashes or not") {
  const config::Value value("a \\\"b\\\" c", diag::FileId{3}, 100);
  CHECK(value.text() == "a \"b\" c");
  CHECK(value.span(3, 4) == diag::Span{diag::FileId{3}, 104, 105});  // b
  CHECK(value.span(2, 5) == diag::Span{diag::FileId{3}, 103, 107});  // "b" without the first backslash
  CHECK(value.span(6, 7) == diag::Span{diag::FileId{3}, 108, 109});  // c
  CHECK(value.span(7, 7) == diag::Span{diag::FileId{3}, 109, 109});
  const config::Value blanks("  x ", {}, 10);
  CHECK(blanks.trimmed() == "x");
  CHECK(blanks.span() == diag::Span{{}, 12, 13});
}

TEST_CASE("setting a value changes its line only") {
  CHECK(after_set("# a\nKEY = \"old\" # why\nX=\"1\"\n", "key", {"new"}) == "# a\nKEY = \"new\" # why\nX=\"1\"\n");
  CHECK(after_set("KEY=old\n", "KEY", {"new"}) == "KEY=\"new\"\n");
  CHECK(after_set("KEY=\"old\"", "KEY", {"new"}) == "KEY=\"new\"");
}

TEST_CASE("a new key goes behind the last entry, before closing remarks") {
  CHECK(after_set("# begin\nA=\"1\"\n\n# end\n", "B", {"2"}) == "# begin\nA=\"1\"\nB=\"2\"\n\n# end\n");
  CHECK(after_set("", "B", {"2"}) == "B=\"2\"\n");
  CHECK(after_set("# only", "B", {"2"}) == "# only\nB=\"2\"\n");
  CHECK(after_set("A=\"1\"\r\n", "B", {"2"}) == "A=\"1\"\r\nB=\"2\"\r\n");
  CHECK(after_set("A=\"1\"", "B", {"2", "3"}) == "A=\"1\"\nB=\"2\"\nB=\"3\"\n");
}

TEST_CASE("an empty line of the key is used first") {
  CHECK(after_set("B=\"\"\nA=\"1\"\n", "B", {"2", "3"}) == "B=\"2\"\nB=\"3\"\nA=\"1\"\n");
}

TEST_CASE("lists change where they differ") {
  const std::string text = "R=\"1\"\n# two\nR=\"2\"\nR=\"3\"\nR=\"4\"\n";
  CHECK(after_set(text, "R", {"1", "2", "3", "4"}) == text);
  CHECK(after_set(text, "R", {"1", "3", "4"}) == "R=\"1\"\n# two\nR=\"3\"\nR=\"4\"\n");
  CHECK(after_set(text, "R", {"1", "x", "3", "4"}) == "R=\"1\"\n# two\nR=\"x\"\nR=\"3\"\nR=\"4\"\n");
  CHECK(after_set(text, "R", {"0", "1", "2", "3", "4"}) == "R=\"0\"\n" + text);
  CHECK(after_set(text, "R", {"1", "2", "2a", "3", "4"}) == "R=\"1\"\n# two\nR=\"2\"\nR=\"2a\"\nR=\"3\"\nR=\"4\"\n");
  CHECK(after_set(text, "R", {"1", "2", "3", "4", "5"}) == text + "R=\"5\"\n");
}

TEST_CASE("a list that becomes empty leaves one empty line") {
  CHECK(after_set("# a\nR=\"1\"\nR=\"2\"\n", "R", {}) == "# a\nR=\"\"\n");
  CHECK(after_set("R=\"\"\nR=\"1\"\n", "R", {}) == "R=\"\"\n");
  CHECK(after_set("A=\"1\"\n", "R", {}) == "A=\"1\"\n");
}

TEST_CASE("values whose meaning stays, and those without one, are not touched") {
  Document document("R=\"ONE\"\nR=\"?\"\nR=\"two\"\n");
  const auto meaning = [](const std::string& value) -> std::optional<std::string> {
    if (value == "?") return std::nullopt;
    return value == "ONE" ? "one" : value;
  };
  document.set("R", Texts{"one", "three"}, meaning);
  CHECK(document.to_text() == "R=\"ONE\"\nR=\"?\"\nR=\"three\"\n");
}

TEST_CASE("setting any list makes it the document's list") {
  std::mt19937 engine(11);
  const auto list = [&] {
    Texts result;
    for (std::size_t left = engine() % 6; left > 0; --left)
      result.push_back(std::string(1, static_cast<char>('a' + engine() % 4)));
    return result;
  };
  for (int round = 0; round < 5000; ++round) {
    Document document("# begin\nOTHER=\"1\"\nR=\"\"\n# end");
    for (int step = 0; step < 4; ++step) {
      const Texts wanted = list();
      document.set("R", wanted);
      REQUIRE(document.values("R") == wanted);
      const Document again(document.to_text());
      REQUIRE(again.values("R") == wanted);
      REQUIRE(again.values("OTHER") == Texts{"1"});
      REQUIRE(again.to_text().ends_with("# end") == (document.to_text().ends_with("# end")));
    }
  }
}
