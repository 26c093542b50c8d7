// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/text.h"

#include <vector>

#include "support/catch.h"

using namespace vuurmuur;

TEST_CASE("a text takes as many columns as a terminal gives it") {
  CHECK(ui::columns_of("") == 0);
  CHECK(ui::columns_of("lan") == 3);
  CHECK(ui::columns_of("zöne") == 4);
  CHECK(ui::columns_of("o\u0308") == 1);
  CHECK(ui::columns_of("日本") == 4);
}

TEST_CASE("what could drive the terminal is shown, not sent") {
  std::string shown;
  ui::for_each_grapheme(
      "a\x1b[2J\tb\n\xff"
      "c\u202e",
      [&shown](const ui::Grapheme& grapheme) { shown += grapheme.text; });
  CHECK(shown == "a\\x1b[2J b \\xffc\\xe2\\x80\\xae");
}

TEST_CASE("a text is cut between graphemes and says that it was") {
  CHECK(ui::cut("internet", 8) == "internet");
  CHECK(ui::cut("internet", 5) == "inte…");
  CHECK(ui::cut("日本語", 6) == "日本語");
  CHECK(ui::cut("日本語", 5) == "日本…");
  CHECK(ui::cut("日本語", 4) == "日…");
  CHECK(ui::cut("e\u0301tat", 3) == "e\u0301t…");
  CHECK(ui::cut("日", 1) == "…");
  CHECK(ui::cut("x", 0).empty());
}

TEST_CASE("a cursor goes from grapheme to grapheme") {
  const std::string text = "ae\u0301日";
  CHECK(ui::after(text, 0) == 1);
  CHECK(ui::after(text, 1) == 4);
  CHECK(ui::after(text, 4) == 7);
  CHECK(ui::after(text, 7) == 7);
  CHECK(ui::before(text, 7) == 4);
  CHECK(ui::before(text, 4) == 1);
  CHECK(ui::before(text, 0) == 0);
}

TEST_CASE("a text is broken between words, and within one that is too long") {
  using Lines = std::vector<std::string>;
  CHECK(ui::wrap("keep it all the same", 8) == Lines{"keep it", "all the", "same"});
  CHECK(ui::wrap("keep it", 7) == Lines{"keep it"});
  CHECK(ui::wrap("abcdefghij k", 4) == Lines{"abcd", "efgh", "ij k"});
  CHECK(ui::wrap("日本語", 4) == Lines{"日本", "語"});
  CHECK(ui::wrap("", 4) == Lines{""});
}
