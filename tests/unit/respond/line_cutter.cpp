// SPDX-License-Identifier: GPL-2.0-or-later
#include "respond/line_cutter.h"

#include <vector>

#include "support/catch.h"

using vuurmuur::respond::LineCutter;

TEST_CASE("lines are the same in whatever pieces they come, and one that is too long is left out") {
  const std::string text = "one\n\ntwo\n" + std::string(LineCutter::kLongest + 1, 'x') + "\nthree\nrest";
  for (const std::size_t piece : {1UL, 7UL, 4096UL, 2UL << 20}) {
    INFO(piece);
    LineCutter cutter;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += piece)
      cutter.add(std::string_view(text).substr(at, piece), [&](std::string_view line) { lines.emplace_back(line); });
    CHECK(lines == std::vector<std::string>{"one", "", "two", "three"});
    CHECK(cutter.skipped() == 1);
    cutter.add("\n", [&](std::string_view line) { lines.emplace_back(line); });
    CHECK(lines.back() == "rest");
  }
}
