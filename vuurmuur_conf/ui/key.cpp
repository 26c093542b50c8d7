// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/key.h"

#include <array>

#include "base/strings.h"
#include "diag/width.h"

namespace vuurmuur::ui {
namespace {

struct Named {
  std::string_view name;
  KeyCode code;
};

constexpr std::array kNamed{
    Named{"Enter", KeyCode::Enter}, Named{"Esc", KeyCode::Escape},
    Named{"Tab", KeyCode::Tab},     Named{"Backspace", KeyCode::Backspace},
    Named{"Ins", KeyCode::Insert},  Named{"Del", KeyCode::Delete},
    Named{"Home", KeyCode::Home},   Named{"End", KeyCode::End},
    Named{"PgUp", KeyCode::PageUp}, Named{"PgDn", KeyCode::PageDown},
    Named{"Up", KeyCode::Up},       Named{"Down", KeyCode::Down},
    Named{"Left", KeyCode::Left},   Named{"Right", KeyCode::Right},
    Named{"F1", KeyCode::F1},       Named{"F2", KeyCode::F2},
    Named{"F3", KeyCode::F3},       Named{"F4", KeyCode::F4},
    Named{"F5", KeyCode::F5},       Named{"F6", KeyCode::F6},
    Named{"F7", KeyCode::F7},       Named{"F8", KeyCode::F8},
    Named{"F9", KeyCode::F9},       Named{"F10", KeyCode::F10},
    Named{"F11", KeyCode::F11},     Named{"F12", KeyCode::F12},
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() <= prefix.size() || !base::equals_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// The one character that a text is, or 0.
char32_t character_of(std::string_view text) {
  if (text.empty()) return 0;
  const diag::Glyph glyph = diag::glyph_at(text, 0);
  if (!glyph.printable || glyph.bytes != text.size()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (text.size() == 1) return lead;
  char32_t character = lead & (0xFFu >> (text.size() + 1));
  for (std::size_t i = 1; i < text.size(); ++i)
    character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  return character;
}

}  // namespace

std::string utf8(char32_t character) {
  std::string text;
  const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (character < 0x80) {
    add(character);
  } else if (character < 0x800) {
    add(0xC0 | character >> 6);
    add(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    add(0xE0 | character >> 12);
    add(0x80 | (character >> 6 & 0x3F));
    add(0x80 | (character & 0x3F));
  } else {
    add(0xF0 | character >> 18);
    add(0x80 | (character >> 12 & 0x3F));
    add(0x80 | (character >> 6 & 0x3F));
    add(0x80 | (character & 0x3F));
  }
  return text;
}

std::string name_of(const Key& key) {
  std::string name;
  if (key.ctrl) name += "Ctrl-";
  if (key.alt) name += "Alt-";
  if (key.shift) name += "Shift-";
  if (key.code == KeyCode::Character) return name + (key.character == ' ' ? "Space" : utf8(key.character));
  for (const Named& row : kNamed) {
    if (row.code == key.code) name += row.name;
  }
  return name;
}

std::optional<Key> key_from(std::string_view name) {
  Key key;
  for (bool is_prefix = true; is_prefix;) {
    is_prefix = false;
    if (take_prefix(name, "Ctrl-")) key.ctrl = is_prefix = true;
    if (take_prefix(name, "Alt-")) key.alt = is_prefix = true;
    if (take_prefix(name, "Shift-")) key.shift = is_prefix = true;
  }
  for (const Named& row : kNamed) {
    if (!base::equals_ignoring_case(row.name, name)) continue;
    key.code = row.code;
    return key;
  }
  key.character = base::equals_ignoring_case(name, "Space") ? U' ' : character_of(name);
  if (key.character == 0 || key.shift) return std::nullopt;
  return key;
}

}  // namespace vuurmuur::ui
