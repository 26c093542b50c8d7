// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/field.h"

#include "support/catch.h"

using namespace vuurmuur;
using ui::Field;

namespace {

void press(Field& field, std::initializer_list<const char*> keys) {
  for (const char* name : keys) CHECK(field.take(*ui::key_from(name)));
}

std::string shown(const Field& field, int columns, int& cursor) {
  ui::Frame frame({.rows = 1, .columns = columns});
  field.view(ui::Canvas(frame), true);
  cursor = frame.cursor() ? frame.cursor()->column : -1;
  return frame.to_text();
}

}  // namespace

TEST_CASE("a field is edited grapheme by grapheme, and word by word") {
  Field field("aö日 bc");
  press(field, {"Left", "Left", "Left", "Backspace"});
  CHECK(field.text() == "aö bc");
  press(field, {"Home", "Del", "End", "Ctrl-w"});
  CHECK(field.text() == "ö ");
  press(field, {"x", "Ctrl-a", "Ctrl-k"});
  CHECK(field.text().empty());
  CHECK_FALSE(field.take(*ui::key_from("Enter")));
  CHECK_FALSE(field.take(*ui::key_from("Ctrl-x")));
}

TEST_CASE("what is inserted becomes one line") {
  Field field("ab");
  press(field, {"Left"});
  field.insert("1\r\n2");
  CHECK(field.text() == "a1 2b");
}

TEST_CASE("the cursor is always in view, also between wide characters") {
  int cursor = 0;
  Field field("0123456789");
  CHECK(shown(field, 5, cursor) == "6789\n");
  CHECK(cursor == 4);
  press(field, {"Home"});
  CHECK(shown(field, 5, cursor) == "0123…\n");
  CHECK(cursor == 0);
  CHECK(shown(Field("日本語"), 5, cursor) == "本語\n");
  CHECK(cursor == 4);
  CHECK(shown(Field("x"), 1, cursor) == "\n");
  CHECK(cursor == 0);
}

TEST_CASE("a megabyte in a field is drawn as any other text") {
  const Field field(std::string(1 << 20, 'd'));
  int cursor = 0;
  CHECK(shown(field, 10, cursor) == "ddddddddd\n");
  CHECK(cursor == 9);
}
