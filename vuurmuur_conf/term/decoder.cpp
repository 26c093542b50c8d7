// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/decoder.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/overloaded.h"

namespace vuurmuur::term {
namespace {

using ui::Key;
using ui::KeyCode;

constexpr unsigned char kEscape = 0x1B;
constexpr std::string_view kPasteEnd = "\033[201~";

/// Bytes of a control string (an answer of the terminal) that are left out at most: it may have no end.
constexpr int kMostOfAString = 4096;

/// What one byte below a blank, or DEL, is as a key.
Key control_key(unsigned char byte) {
  switch (byte) {
    case 0: return {.character = U' ', .ctrl = true};
    case '\b':
    case 0x7F: return {.code = KeyCode::Backspace};
    case '\t': return {.code = KeyCode::Tab};
    // Nobody's Ctrl-J is worth that a script's line end is no Enter.
    case '\n':
    case '\r': return {.code = KeyCode::Enter};
    case kEscape: return {.code = KeyCode::Escape};
    default: break;
  }
  if (byte <= 26) return {.character = static_cast<char32_t>('a' + byte - 1), .ctrl = true};
  return {.character = static_cast<char32_t>(byte + '@'), .ctrl = true};
}

/// Whether a character is one that can be written: no control character (C1's are nobody's keys), and one of Unicode,
/// which mbrtowc() of glibc goes beyond (measured with 2.36: a byte after the other it takes "\xf4\x90\x80\x80").
bool is_text(char32_t character) {
  if (character < ' ' || (character >= 0x7F && character < 0xA0)) return false;
  return character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
}

/// The longest end of a text that is a beginning of the end mark.
std::size_t part_of_end_mark(std::string_view text) {
  for (std::size_t size = std::min(text.size(), kPasteEnd.size()); size > 0; --size)
    if (text.ends_with(kPasteEnd.substr(0, size))) return size;
  return 0;
}

/// Line ends as ours are: terminals send a carriage return for each.
std::string with_line_ends(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\r') {
      result += '\n';
      if (at + 1 < text.size() && text[at + 1] == '\n') ++at;
    } else {
      result += text[at];
    }
  }
  return result;
}

}  // namespace

std::vector<ui::Input> Decoder::take(Clock::time_point now) {
  now_ = now;
  has_more_ = false;
  std::vector<ui::Input> inputs;
  for (;;) {
    if (inputs.size() >= kMostInputs) {
      has_more_ = true;
      return inputs;
    }
    if (paste_) {
      read_paste(inputs);
      if (paste_) return inputs;
    }
    const Unit unit = next();
    if (std::holds_alternative<NothingYet>(unit)) return inputs;
    decode(unit, inputs);
  }
}

Unit Decoder::next() {
  if (put_back_.empty()) return source_->next();
  const Unit unit = put_back_.front();
  put_back_.pop_front();
  return unit;
}

void Decoder::put_back(const Unit& unit) {
  if (!std::holds_alternative<NothingYet>(unit)) put_back_.push_front(unit);
}

void Decoder::decode(const Unit& unit, std::vector<ui::Input>& inputs) {
  if (const auto* byte = std::get_if<Byte>(&unit)) {
    decode_byte(byte->value, /*has_alt=*/false, inputs);
    return;
  }
  // What came before of a character will not be completed.
  state_ = {};
  std::visit(base::Overloaded{
                 [](const NothingYet&) {},
                 [](const Ignored&) {},
                 [](const Byte&) {},
                 [&](const Key& key) { inputs.emplace_back(key); },
                 [&](const ui::Mouse& mouse) { click(mouse, inputs); },
                 [&](const PasteBegins&) { paste_ = PasteText{.text = {}, .tail = {}, .last = now_}; },
             },
             unit);
}

void Decoder::decode_byte(unsigned char byte, bool has_alt, std::vector<ui::Input>& inputs) {
  if (std::mbsinit(&state_) != 0) {
    has_alt_ = has_alt;
    if (byte == kEscape && !has_alt) return decode_escape(inputs);
    if (byte < ' ' || byte == 0x7F) {
      Key key = control_key(byte);
      key.alt = has_alt;
      inputs.emplace_back(key);
      return;
    }
  }
  const bool was_inside = std::mbsinit(&state_) == 0;
  const auto character_byte = static_cast<char>(byte);
  wchar_t character = 0;
  const std::size_t used = std::mbrtowc(&character, &character_byte, 1, &state_);
  if (used == static_cast<std::size_t>(-2)) return;
  if (used == static_cast<std::size_t>(-1)) {
    // Not a character. A byte that could not go on with one may begin the next.
    state_ = {};
    if (was_inside && (byte < 0x80 || byte >= 0xC0)) decode_byte(byte, /*has_alt=*/false, inputs);
    return;
  }
  if (!is_text(static_cast<char32_t>(character))) return;
  inputs.emplace_back(Key{.character = static_cast<char32_t>(character), .alt = has_alt_});
}

void Decoder::decode_escape(std::vector<ui::Input>& inputs) {
  const Unit unit = next();
  if (const auto* key = std::get_if<Key>(&unit)) {
    Key with_alt = *key;
    with_alt.alt = true;
    inputs.emplace_back(with_alt);
    return;
  }
  const auto* byte = std::get_if<Byte>(&unit);
  if (byte == nullptr || byte->value == kEscape) {
    inputs.emplace_back(Key{.code = KeyCode::Escape});
    put_back(unit);
    return;
  }
  // Control sequence, single shift, control strings (ECMA-48: CSI, SS3, DCS, OSC): a person's Alt and these letters
  // comes alone.
  static constexpr std::string_view kIntroducers = "[OP]";
  if (kIntroducers.find(static_cast<char>(byte->value)) != std::string_view::npos) {
    const Unit behind = next();
    if (const auto* more = std::get_if<Byte>(&behind); more != nullptr && more->value >= ' ' && more->value < 0x7F) {
      put_back(behind);
      return skip_sequence(byte->value);
    }
    put_back(behind);
  }
  decode_byte(byte->value, /*has_alt=*/true, inputs);
}

void Decoder::skip_sequence(unsigned char introducer) {
  if (introducer == 'O') {
    (void)next();
    return;
  }
  const bool is_string = introducer != '[';
  for (int count = 0; count < kMostOfAString; ++count) {
    const Unit unit = next();
    const auto* byte = std::get_if<Byte>(&unit);
    if (byte == nullptr) {
      put_back(unit);
      return;
    }
    if (is_string) {
      if (byte->value == '\a') return;
      if (byte->value != kEscape) continue;
      // ST is Esc and a backslash; another Esc begins something else.
      const Unit last = next();
      const auto* end = std::get_if<Byte>(&last);
      if (end != nullptr && end->value == '\\') return;
      put_back(last);
      put_back(unit);
      return;
    }
    if (byte->value >= '@' && byte->value <= '~') return;
    if (byte->value < ' ' || byte->value > '~') {
      put_back(unit);
      return;
    }
  }
}

void Decoder::click(ui::Mouse mouse, std::vector<ui::Input>& inputs) {
  if (mouse.what == ui::Mouse::What::Press) {
    if (last_click_ == mouse.place && now_ - last_click_time_ <= kDoubleClick) {
      mouse.what = ui::Mouse::What::DoublePress;
      last_click_.reset();
    } else {
      last_click_ = mouse.place;
      last_click_time_ = now_;
    }
  }
  inputs.emplace_back(mouse);
}

void Decoder::read_paste(std::vector<ui::Input>& inputs) {
  PasteText& paste = *paste_;
  const auto end = [&](std::string_view rest) {
    paste.text += rest;
    inputs.emplace_back(ui::Paste{with_line_ends(charset_.to_utf8(std::move(paste.text)))});
    paste_.reset();
  };
  for (;;) {
    // So many bytes that nothing behind the end mark is read: that is curses'.
    std::array<char, kPasteEnd.size()> bytes;
    const std::size_t size = source_->read(std::span(bytes).first(kPasteEnd.size() - paste.tail.size()));
    if (size == 0) {
      if (now_ - paste.last > kPastePause) end(paste.tail);
      return;
    }
    paste.last = now_;
    paste.tail.append(bytes.data(), size);
    const std::size_t part = part_of_end_mark(paste.tail);
    const std::size_t sure = paste.tail.size() - part;
    paste.text.append(paste.tail, 0, std::min(sure, kPasteBytes - paste.text.size()));
    paste.tail.erase(0, sure);
    if (part == kPasteEnd.size()) return end({});
  }
}

}  // namespace vuurmuur::term
