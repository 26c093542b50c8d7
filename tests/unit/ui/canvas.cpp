// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/canvas.h"

#include "support/catch.h"

using namespace vuurmuur;
using ui::Canvas;
using ui::Frame;
using ui::Role;

TEST_CASE("nobody draws outside his part") {
  Frame frame({.rows = 4, .columns = 10});
  Canvas part = Canvas(frame).part({.row = 1, .column = 2, .rows = 2, .columns = 5});
  CHECK(part.put(0, 0, "abcdefgh") == 5);
  part.put(1, 3, "日本");
  part.put(-1, 0, "x");
  part.put(2, 0, "x");
  part.put(0, -1, "zz");
  CHECK(frame.to_text() == "\n  zbcd…\n     …\n\n");
}

TEST_CASE("half a wide character is never left") {
  Frame frame({.rows = 1, .columns = 6});
  Canvas canvas(frame);
  canvas.put(0, 0, "日本語");
  canvas.put(0, 1, "x");
  canvas.put(0, 2, "y");
  CHECK(frame.to_text() == " xy 語\n");
  canvas.put(0, 3, "中");
  CHECK(frame.to_text() == " xy中\n");
}

TEST_CASE("a box with a title, and what is selected") {
  Frame frame({.rows = 4, .columns = 12});
  Canvas canvas(frame);
  canvas.box("rules");
  Canvas body = canvas.inside();
  body.put(0, 0, "accept", Role::Accept);
  body.put(1, 0, "drop", Role::Drop);
  body.select(1);
  CHECK(frame.to_text() ==
        "┌─ rules ──┐\n"
        "│accept    │\n"
        "│drop      │\n"
        "└──────────┘\n");
  CHECK(frame.to_style_text() ==
        "bbhhhhhhhbbb\n"
        "bAAAAAA    b\n"
        "bDDDD______b\n"
        "bbbbbbbbbbbb\n");
}

TEST_CASE("texts at the right and in the middle") {
  Frame frame({.rows = 3, .columns = 9});
  Canvas canvas(frame);
  canvas.put_right(0, 9, "42");
  canvas.put_right(1, 4, "abcdef");
  canvas.put_centred(2, "mid");
  CHECK(frame.to_text() == "       42\nabc…\n   mid\n");
}

TEST_CASE("the cursor and what is clickable are where they were drawn") {
  Frame frame({.rows = 5, .columns = 10});
  Canvas part = Canvas(frame).part({.row = 2, .column = 3, .rows = 2, .columns = 4});
  part.set_cursor(9, 9);
  CHECK_FALSE(frame.cursor());
  part.set_cursor(1, 2);
  CHECK(frame.cursor() == ui::Place{.row = 3, .column = 5});
  part.add_region({.row = 0, .column = 0, .rows = 9, .columns = 9}, "", 0);
  part.add_region({.row = 1, .column = 1, .rows = 1, .columns = 1}, "rules.edit");
  REQUIRE(frame.region_at({.row = 2, .column = 6}));
  CHECK(frame.region_at({.row = 2, .column = 6})->item == 0);
  CHECK(frame.region_at({.row = 3, .column = 4})->action == "rules.edit");
  CHECK(frame.region_at({.row = 4, .column = 4}) == nullptr);
  CHECK(frame.region_at({.row = 3, .column = 7}) == nullptr);
}

TEST_CASE("a canvas without cells takes everything and shows nothing") {
  for (const ui::Size size : {ui::Size{0, 0}, ui::Size{1, 1}, ui::Size{2, 1}, ui::Size{-3, 5}}) {
    Frame frame(size);
    Canvas canvas(frame);
    canvas.box("title");
    canvas.inside().put(0, 0, "日本");
    canvas.put_right(0, 1, "long");
    canvas.put_centred(0, "long");
    canvas.set_cursor(0, 0);
    CHECK(frame.size().rows >= 0);
  }
}
