// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/escape.h"

#include <array>
#include <cstdint>

#include "base/strings.h"

namespace vuurmuur::log {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// A character of UTF-8 (RFC 3629) at the beginning of a text; 0 bytes: there is none.
struct Character {
  std::uint32_t value = 0;
  std::size_t bytes = 0;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) -> std::uint32_t {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  struct Form {
    std::uint32_t mask, lead, least;
    std::size_t bytes;
  };
  static constexpr std::array kForms{Form{0xe0, 0xc0, 0x80, 2}, Form{0xf0, 0xe0, 0x800, 3}, Form{0xf8, 0xf0, 0x10000, 4}};
  for (const Form& form : kForms) {
    if ((lead & form.mask) != form.lead) continue;
    std::uint32_t value = lead & ~form.mask;
    for (std::size_t i = 1; i < form.bytes; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return {};
      value = value << 6 | (byte(i) & 0x3f);
    }
    const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < form.least || value > 0x10ffff || is_surrogate) return {};
    return {value, form.bytes};
  }
  return {};
}

/// Controls of C1, line and paragraph separators, and what changes the order in which others are shown (Unicode
/// Standard Annex #9) or is not seen at all.
bool is_harmful(std::uint32_t value) {
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0xad || value == 0x61c ||
         (value >= 0x200b && value <= 0x200f) || (value >= 0x2028 && value <= 0x202e) ||
         (value >= 0x2060 && value <= 0x206f) || value == 0xfeff || (value >= 0xfff0 && value <= 0xfffb) ||
         (value >= 0xe0000 && value <= 0xe0fff);
}

void append_bytes(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

/// The longest beginning that needs no looking at.
std::size_t plain_bytes(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_plain(text[count])) ++count;
  return count;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    if (const std::size_t plain = plain_bytes(text); plain > 0) {
      out += text.substr(0, plain);
      text.remove_prefix(plain);
      continue;
    }
    const Character character = first_character(text);
    const std::size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    if (character.bytes <= 1 || is_harmful(character.value))
      append_bytes(out, text.substr(0, bytes));
    else
      out += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("\\x") && at + 4 <= text.size())
      if (const auto byte = base::parse_number<std::uint8_t>(text.substr(at + 2, 2), 16)) {
        out += static_cast<char>(*byte);
        at += 4;
        continue;
      }
    out += text[at++];
  }
  return out;
}

void append_json_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    if (const std::size_t plain = plain_bytes(text); plain > 0) {
      out += text.substr(0, plain);
      text.remove_prefix(plain);
      continue;
    }
    const Character character = first_character(text);
    const std::size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    if (character.bytes == 0 || (character.value >= 0x10000 && is_harmful(character.value))) {
      out += "\\ufffd";
    } else if (character.value == '"' || character.value == '\\') {
      out += '\\';
      out += text[0];
    } else if (is_harmful(character.value)) {
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += kHex[character.value >> shift & 15];
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
}

}  // namespace vuurmuur::log
