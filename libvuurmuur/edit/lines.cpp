// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace vuurmuur::edit {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view kKey = "RULE";

Wish<void> check_number(std::size_t number, std::size_t most) {
  if (number >= 1 && number <= most) return {};
  return refuse(Refusal::Why::NotFound, most == 0 ? fmt::format("there is no line {}, there is none at all", number)
                                                  : fmt::format("there is no line {}, they are 1 to {}", number, most));
}

}  // namespace

Lines lines_of(const config::Document& document) {
  Lines lines = document.values(kKey);
  std::erase_if(lines, [](const std::string& line) { return base::trim(line).empty(); });
  return lines;
}

Wish<void> insert_line(config::Document& document, std::size_t number, const std::string& line) {
  Lines lines = lines_of(document);
  if (auto good = check_number(number, lines.size() + 1); !good) return good;
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(number - 1), line);
  document.set(kKey, lines);
  return {};
}

Wish<void> replace_line(config::Document& document, std::size_t number, const std::string& line) {
  Lines lines = lines_of(document);
  if (auto good = check_number(number, lines.size()); !good) return good;
  lines[number - 1] = line;
  document.set(kKey, lines);
  return {};
}

Wish<void> delete_line(config::Document& document, std::size_t number) {
  Lines lines = lines_of(document);
  if (auto good = check_number(number, lines.size()); !good) return good;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(number - 1));
  document.set(kKey, lines);
  return {};
}

Wish<void> move_line(config::Document& document, std::size_t from, std::size_t to) {
  Lines lines = lines_of(document);
  if (auto good = check_number(from, lines.size()); !good) return good;
  if (auto good = check_number(to, lines.size()); !good) return good;
  const auto at = [&](std::size_t number) { return lines.begin() + static_cast<std::ptrdiff_t>(number); };
  if (from < to)
    std::rotate(at(from - 1), at(from), at(to));
  else
    std::rotate(at(to - 1), at(from - 1), at(from));
  document.set(kKey, lines);
  return {};
}

}  // namespace vuurmuur::edit
