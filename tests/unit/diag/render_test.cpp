// SPDX-License-Identifier: GPL-2.0-or-later
#include "diag/render.h"

#include <chrono>

#include "diag/width.h"
#include "support/catch.h"

namespace {

using namespace vuurmuur::diag;

struct Fixture {
  SourceMap sources;
  Sink sink;
  FileId file{};

  explicit Fixture(std::string text) : file(sources.add("rules/rules.conf", std::move(text))) {}
  [[nodiscard]] Span at(std::uint32_t begin, std::uint32_t end) const { return {file, begin, end}; }
  [[nodiscard]] std::string plain() const { return render(sink, sources, Style::Plain); }
};

}  // namespace

TEST_CASE("a diagnostic shows its line, a caret run, a near miss and notes") {
  Fixture f("# rules\nRULE=\"accept service htpp from lan to inet\"\n");
  auto& error = f.sink.error("unknown-service", f.at(29, 33), "no service is named 'htpp'");
  error.suggestion = "http";
  error.notes.push_back({f.at(0, 7), "first here"});
  error.notes.push_back({std::nullopt, "services are files of services/"});
  CHECK(f.plain() ==
        "rules/rules.conf:2:22: error: no service is named 'htpp'; did you mean 'http'?\n"
        "  RULE=\"accept service htpp from lan to inet\"\n"
        "                       ^~~~\n"
        "rules/rules.conf:1:1: note: first here\n"
        "  # rules\n"
        "  ^~~~~~~\n"
        "note: services are files of services/\n"
        "1 error\n");
}

TEST_CASE("colours frame the place, the severity and the caret run") {
  Fixture f("abc\n");
  f.sink.warning("w", f.at(1, 3), "odd");
  CHECK(render(f.sink, f.sources, Style::Colour) ==
        "\033[1mrules/rules.conf:1:2:\033[0m \033[1;35mwarning:\033[0m odd\n"
        "  abc\n"
        "   \033[1;32m^~\033[0m\n"
        "1 warning\n");
}

TEST_CASE("JSON says the same") {
  Fixture f("ab\xFF\ncd\n");
  auto& error = f.sink.error("code-one", f.at(4, 6), "bad 'cd'");
  error.suggestion = "ce";
  error.notes.push_back({std::nullopt, "note"});
  f.sink.warning("code-two", std::nullopt, "odd \xFF");
  CHECK(render_json(f.sink, f.sources) == R"({
  "errors": 1,
  "warnings": 1,
  "diagnostics": [
    {
      "severity": "warning",
      "code": "code-two",
      "message": "odd )"
                                          "\xEF\xBF\xBD"
                                          R"(",
      "file": null,
      "line": null,
      "column": null,
      "end_line": null,
      "end_column": null,
      "suggestion": null,
      "notes": []
    },
    {
      "severity": "error",
      "code": "code-one",
      "message": "bad 'cd'",
      "file": "rules/rules.conf",
      "line": 2,
      "column": 1,
      "end_line": 2,
      "end_column": 3,
      "suggestion": "ce",
      "notes": [
        {
          "message": "note",
          "file": null,
          "line": null,
          "column": null,
          "end_line": null,
          "end_column": null
        }
      ]
    }
  ]
}
)");
}

TEST_CASE("an empty sink renders to nothing, and to an empty JSON list") {
  const Fixture f("");
  CHECK(f.plain().empty());
  CHECK(render_json(f.sink, f.sources) == "{\n  \"errors\": 0,\n  \"warnings\": 0,\n  \"diagnostics\": []\n}\n");
}

TEST_CASE("diagnostics stand in the order of files and places, those without a place first") {
  Fixture f("one\ntwo\n");
  const FileId other = f.sources.add("config.conf", "x\n");
  f.sink.error("a", f.at(4, 7), "third");
  f.sink.error("b", f.at(0, 3), "second");
  f.sink.warning("c", Span{other, 0, 1}, "first");
  f.sink.warning("d", std::nullopt, "nowhere");
  CHECK(f.plain() ==
        "warning: nowhere\n"
        "config.conf:1:1: warning: first\n  x\n  ^\n"
        "rules/rules.conf:1:1: error: second\n  one\n  ^~~\n"
        "rules/rules.conf:2:1: error: third\n  two\n  ^~~\n"
        "2 errors, 2 warnings\n");
}

TEST_CASE("tabs are copied into the caret line and count as one column") {
  Fixture f("\ta\tbc\n");
  f.sink.error("e", f.at(3, 5), "x");
  CHECK(f.plain() == "rules/rules.conf:1:4: error: x\n  \ta\tbc\n  \t \t^~\n1 error\n");
}

TEST_CASE("carets count columns, not bytes: wide and combining characters") {
  Fixture f("日本 e\xCC\x81 ä x\n");  // two wide letters, e with a combining accent, a letter of two bytes
  f.sink.error("e", f.at(14, 15), "x");
  CHECK(f.plain() == "rules/rules.conf:1:10: error: x\n  日本 e\xCC\x81 ä x\n           ^\n1 error\n");
}

TEST_CASE("control characters and bad UTF-8 are shown as question marks") {
  Fixture f("a\x01\xFF\xC3 b\xE2\x82\r\n");
  f.sink.error("e", f.at(5, 6), "it's '\x1b[2J'");
  CHECK(f.plain() == "rules/rules.conf:1:6: error: it's '?[2J'\n  a??? b??\n       ^\n1 error\n");
}

TEST_CASE("a place at the end of the text, of a line, and of an empty file has a caret") {
  Fixture f("ab\n");
  f.sink.error("e", f.at(2, 2), "line end");
  f.sink.error("e", f.at(3, 3), "text end");
  const FileId empty = f.sources.add("x", "");
  f.sink.error("e", Span{empty, 0, 0}, "empty");
  CHECK(f.plain() ==
        "rules/rules.conf:1:3: error: line end\n  ab\n    ^\n"
        "rules/rules.conf:2:1: error: text end\n  \n  ^\n"
        "x:1:1: error: empty\n  \n  ^\n"
        "3 errors\n");
}

TEST_CASE("a run over several lines is underlined on its first") {
  Fixture f("abc\ndef\n");
  f.sink.error("e", f.at(1, 7), "x");
  CHECK(f.plain() == "rules/rules.conf:1:2: error: x\n  abc\n   ^~\n1 error\n");
}

TEST_CASE("a long line is cut around its caret") {
  Fixture f(std::string(500, 'a') + "BAD" + std::string(500, 'z') + "\n");
  f.sink.error("e", f.at(500, 503), "x");
  f.sink.error("e", f.at(0, 1), "y");
  f.sink.error("e", f.at(1002, 1003), "z");
  CHECK(f.plain() ==
        "rules/rules.conf:1:1: error: y\n"
        "  a" +
            std::string(99, 'a') +
            "...\n  ^\n"
            "rules/rules.conf:1:501: error: x\n"
            "  ..." +
            std::string(40, 'a') + "BAD" + std::string(57, 'z') + "...\n  " + std::string(43, ' ') +
            "^~~\n"
            "rules/rules.conf:1:1003: error: z\n"
            "  ..." +
            std::string(41, 'z') + "\n  " + std::string(43, ' ') +
            "^\n"
            "3 errors\n");
}

TEST_CASE("columns in a line of 20 MB are found without walking it each time") {
  Fixture f(std::string(20'000'000, 'x') + "\n");
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < 20000; ++i) f.sink.error("e", f.at(i * 1000, i * 1000 + 5), "x");
  const std::string text = f.plain();
  CHECK(text.find("rules/rules.conf:1:19999001: error: x\n") != std::string::npos);
  // Walking the line for each would be 2·10¹¹ steps.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("columns of a long line agree with counting from its beginning") {
  std::string text = "first\n";
  while (text.size() < 30000) text += "aä日e\xCC\x81\xFF\t";
  const SourceFile file("f", text);
  std::uint32_t column = 1;
  for (std::uint32_t at = 6; at < text.size();) {
    REQUIRE(file.position(at).column == column);
    REQUIRE(file.position(at).line == 2);
    const Glyph glyph = glyph_at(text, at);
    column += glyph.columns;
    at += glyph.bytes;
  }
  CHECK(file.position(static_cast<std::uint32_t>(text.size())).column == column);
}

TEST_CASE("lines are found with either end of line") {
  const SourceFile file("f", "a\r\nb\n\nc");
  CHECK(file.line(1) == "a");
  CHECK(file.line(2) == "b");
  CHECK(file.line(3).empty());
  CHECK(file.line(4) == "c");
  CHECK(file.position(6).line == 4);
  CHECK(file.position(1000).column == 2);
}

TEST_CASE("a map of sources gives texts and places") {
  SourceMap sources;
  CHECK(sources.place(Span{}).empty());
  const FileId id = sources.add("f", "abc\ndef");
  CHECK(sources.text({id, 4, 6}) == "de");
  CHECK(sources.place({id, 4, 6}) == "f:2");
  CHECK(sources.size() == 1);
}
