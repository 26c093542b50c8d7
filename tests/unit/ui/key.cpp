// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/key.h"

#include "support/catch.h"

using namespace vuurmuur;

TEST_CASE("a key's name is read back as the key") {
  for (const char* name :
       {"j", "G", "Space", "Enter", "Esc", "F11", "Ctrl-l", "Shift-Tab", "Alt-x", "PgDn", "/", "ö", "日", "-"}) {
    const auto key = ui::key_from(name);
    REQUIRE(key);
    CHECK(ui::name_of(*key) == name);
  }
}

TEST_CASE("words of keys are read whatever their case, and what is no key is none") {
  CHECK(ui::key_from("ctrl-space") == ui::Key{.character = U' ', .ctrl = true});
  CHECK(ui::key_from("f1") == ui::Key{.code = ui::KeyCode::F1});
  for (const char* name : {"", "F13", "Ctrl-", "Shift-a", "jj", "Enterr", "\x1b"}) CHECK_FALSE(ui::key_from(name));
}

TEST_CASE("only characters without a modifier write text") {
  CHECK(ui::Key::of(U'j').is_text());
  CHECK_FALSE(ui::Key{.character = U'j', .ctrl = true}.is_text());
  CHECK_FALSE(ui::Key{.code = ui::KeyCode::Enter}.is_text());
}
