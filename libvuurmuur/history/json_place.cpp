// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/json_place.h"

#include <algorithm>
#include <string>
#include <vector>

namespace vuurmuur::history {
namespace {

/// An object or an array that has begun, and which of its values comes.
struct Level {
  bool is_array = false;
  std::size_t index = 0;
  std::string_view key{};  ///< as it is written, with its escapes; empty before the first and behind a comma
};

std::string path_of(const std::vector<Level>& levels) {
  std::string path;
  for (const Level& level : levels) {
    if (level.is_array)
      path += '[' + std::to_string(level.index) + ']';
    else
      path.append(path.empty() ? "" : ".").append(level.key);
  }
  return path;
}

/// The text between the quotes, of which `begin` is the first.
std::string_view string_at(std::string_view json, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
  return json.substr(begin + 1, std::min(end, json.size()) - begin - 1);
}

}  // namespace

TextPlace place_of_byte(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const std::size_t line_begin = before.rfind('\n') + 1;
  return {.line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          .column = before.size() - line_begin + 1};
}

TextPlace place_of_value(std::string_view json, std::string_view path) {
  std::vector<Level> levels;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (std::string_view(" \t\r\n:").contains(c)) continue;
    if (c == ',' && !levels.empty()) {
      ++levels.back().index;
      levels.back().key = {};
    } else if ((c == '}' || c == ']') && !levels.empty()) {
      levels.pop_back();
    } else if (c == '"' && !levels.empty() && !levels.back().is_array && levels.back().key.empty()) {
      levels.back().key = string_at(json, at);
      at += levels.back().key.size() + 1;
    } else {
      if (path_of(levels) == path) return place_of_byte(json, at);
      if (c == '{' || c == '[')
        levels.push_back({.is_array = c == '['});
      else if (c == '"')
        at += string_at(json, at).size() + 1;
      else
        at = std::min(json.find_first_of(",}]", at), json.size()) - 1;
    }
  }
  return {};
}

}  // namespace vuurmuur::history
