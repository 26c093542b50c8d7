// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/line_diff.h"

#include <chrono>
#include <random>

#include "base/strings.h"
#include "support/catch.h"

using namespace vuurmuur::base;

namespace {

std::string text_of(const std::vector<Hunk>& hunks) {
  std::string text;
  for (const Hunk& hunk : hunks) {
    text += header_of(hunk) + "\n";
    for (const std::string& line : hunk.lines) text += line + "\n";
  }
  return text;
}

std::string random_text(std::mt19937& random, std::size_t lines, unsigned kinds) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += std::string(1, static_cast<char>('a' + random() % kinds)) + "\n";
  return text;
}

/// What is left of a text when hunks are done to it, as patch would; fails when they do not fit.
std::string patched(const std::string& before, const std::vector<Hunk>& hunks) {
  std::vector<std::string_view> lines = split(before, '\n');
  lines.pop_back();
  std::string after;
  std::size_t at = 0;
  for (const Hunk& hunk : hunks) {
    const std::size_t begin = hunk.before_count == 0 ? hunk.before_line : hunk.before_line - 1;
    for (; at < begin; ++at) after += std::string(lines.at(at)) + "\n";
    for (const std::string& line : hunk.lines) {
      if (line[0] != '+') REQUIRE(line.substr(1) == lines.at(at++));
      if (line[0] != '-') after += line.substr(1) + "\n";
    }
  }
  for (; at < lines.size(); ++at) after += std::string(lines[at]) + "\n";
  return after;
}

/// By trying everything: how many lines differ at least.
std::size_t least_changes(const std::string& before, const std::string& after) {
  const auto x = split(before, '\n'), y = split(after, '\n');
  std::vector<std::vector<std::size_t>> common(x.size() + 1, std::vector<std::size_t>(y.size() + 1));
  for (std::size_t i = 1; i <= x.size(); ++i)
    for (std::size_t j = 1; j <= y.size(); ++j)
      common[i][j] = x[i - 1] == y[j - 1] ? common[i - 1][j - 1] + 1 : std::max(common[i - 1][j], common[i][j - 1]);
  return x.size() + y.size() - 2 * common[x.size()][y.size()];
}

std::size_t changes(const std::vector<Hunk>& hunks) {
  std::size_t count = 0;
  for (const Hunk& hunk : hunks)
    for (const std::string& line : hunk.lines) count += line[0] != ' ' ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("differences are told with three lines around them") {
  CHECK(diff_lines("a\nb\n", "a\nb\n").empty());
  CHECK(text_of(diff_lines("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n")) ==
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
  CHECK(text_of(diff_lines("a\n", "a\nb\n")) == "@@ -1 +1,2 @@\n a\n+b\n");
  CHECK(text_of(diff_lines("", "a\nb\n")) == "@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(text_of(diff_lines("a\nb\n", "")) == "@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST_CASE("changes that are near each other share a hunk, others do not") {
  std::string before, near, far;
  for (int i = 0; i < 20; ++i) {
    const std::string line = std::to_string(i) + "\n";
    before += line;
    near += i == 3 || i == 10 ? "x" + line : line;
    far += i == 3 || i == 11 ? "x" + line : line;
  }
  CHECK(diff_lines(before, near).size() == 1);
  const auto hunks = diff_lines(before, far);
  REQUIRE(hunks.size() == 2);
  CHECK(header_of(hunks[0]) == "@@ -1,7 +1,7 @@");
  CHECK(header_of(hunks[1]) == "@@ -9,7 +9,7 @@");
}

TEST_CASE("a last line without its end differs from one with it") {
  CHECK(text_of(diff_lines("a\nb", "a\nb\n")) == "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
}

TEST_CASE("random texts: the hunks lead from the one to the other, with as few lines as there can be") {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const unsigned kinds = 1 + static_cast<unsigned>(random() % 5);
    const std::string before = random_text(random, random() % 25, kinds),
                      after = random_text(random, random() % 25, kinds);
    const auto hunks = diff_lines(before, after, random() % 4);
    CAPTURE(before, after);
    REQUIRE(patched(before, hunks) == after);
    REQUIRE(changes(hunks) == least_changes(before, after));
  }
}

TEST_CASE("100,000 lines of which few or all differ are compared in seconds") {
  std::string before, few, others;
  std::mt19937 random(11);
  for (int i = 0; i < 100'000; ++i) {
    const std::string line = "rule " + std::to_string(i) + "\n";
    before += line;
    few += random() % 1000 == 0 ? "other\n" : line;
    others += "other " + std::to_string(i % 1000) + "\n";
    if (i % 1000 == 0) others += line;
  }
  const auto begin = std::chrono::steady_clock::now();
  CHECK(patched(before, diff_lines(before, few)) == few);
  CHECK(patched(before, diff_lines(before, others)) == others);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}
