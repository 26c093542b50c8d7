// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/line_merge.h"

#include <random>

#include "support/catch.h"

using namespace vuurmuur::base;
using Kind = MergePiece::Kind;

namespace {

/// The text with both changes, overlaps as "<MINE|THEIRS>".
std::string merged(std::string_view before, std::string_view mine, std::string_view theirs) {
  std::string text;
  for (const MergePiece& piece : merge_lines(before, mine, theirs)) {
    switch (piece.kind) {
      case Kind::Overlap: text += "<" + piece.mine + "|" + piece.theirs + ">"; break;
      case Kind::Mine: text += piece.mine; break;
      case Kind::Same:
      case Kind::Both:
      case Kind::Theirs: text += piece.theirs; break;
    }
  }
  return text;
}

/// A few lines, some of them the same, changed at random.
std::string some_lines(std::mt19937& random, const std::string& of) {
  std::string text;
  for (const char c : of) {
    if (c == '\n') continue;
    switch (random() % 8) {
      case 0: break;
      case 1: text += std::string(1, static_cast<char>('a' + random() % 4)) + "\n"; [[fallthrough]];
      default: text += std::string(1, c) + "\n";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("changes in different places stand together") {
  CHECK(merged("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n") == "A\nb\nc\nD\n");
  CHECK(merged("a\nb\nc\n", "a\nb\nc\nd\n", "c\n") == "c\nd\n");
}

TEST_CASE("lines that one puts in and another takes out stand together when a line is between them") {
  CHECK(merged("a\nb\nc\n", "x\na\nb\nc\n", "a\nb\n") == "x\na\nb\n");
  CHECK(merged("a\nb\nc\n", "b\nc\n", "a\nb\nc\ny\n") == "b\nc\ny\n");
}

TEST_CASE("the same change twice is no conflict") {
  CHECK(merged("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n") == "a\nB\nc\n");
  CHECK(merged("a\nb\nc\nd\n", "a\nB\nc\nD\n", "a\nB\nc\nd\n") == "a\nB\nc\nD\n");
  CHECK(merged("", "a\n", "a\n") == "a\n");
}

TEST_CASE("different changes of a line overlap, and changes that touch do as well") {
  CHECK(merged("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n") == "a\n<X\n|Y\n>c\n");
  CHECK(merged("a\nb\nc\n", "X\nb\nc\n", "a\nY\nc\n") == "<X\nb\n|a\nY\n>c\n");
  CHECK(merged("a\nb\n", "a\nb\nx\n", "a\nb\ny\n") == "a\nb\n<x\n|y\n>");
  CHECK(merged("", "x\n", "y\n") == "<x\n|y\n>");
  CHECK(merged("a\nb\nc\nd\ne\n", "a\nX\nc\nX\ne\n", "a\nb\nY\nd\ne\n") == "a\n<X\nc\nX\n|b\nY\nd\n>e\n");
}

TEST_CASE("a last line without an end of line stays so") {
  CHECK(merged("a\nb\nc", "A\nb\nc", "a\nb\nC") == "A\nb\nC");
  CHECK(merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nc") == "A\nb\nc");
}

TEST_CASE("the place of a piece is that of its first line before") {
  const auto pieces = merge_lines("a\nb\nc\n", "a\nB\nc\n", "a\nb\nc\nd\n");
  REQUIRE(pieces.size() == 4);
  CHECK(pieces[1] == MergePiece{.kind = Kind::Mine, .line = 2, .before = "b\n", .mine = "B\n", .theirs = "b\n"});
  CHECK(pieces[3] == MergePiece{.kind = Kind::Theirs, .line = 4, .before = "", .mine = "", .theirs = "d\n"});
  CHECK(merged_text(merge_lines("a\n", "b\n", "c\n"), [](std::size_t) { return true; }) == "b\n");
  CHECK(merged_text(merge_lines("a\n", "b\n", "c\n"), [](std::size_t) { return false; }) == "c\n");
}

TEST_CASE(
    "whatever the changes, the pieces put together again are the three texts, and who changed nothing loses nothing") {
  std::mt19937 random(20261126);
  for (int i = 0; i < 3000; ++i) {
    std::string before;
    for (std::size_t n = random() % 12; n > 0; --n)
      before += std::string(1, static_cast<char>('a' + random() % 5)) + "\n";
    const std::string mine = some_lines(random, before), theirs = some_lines(random, before);
    std::string again, my_text, their_text;
    const auto pieces = merge_lines(before, mine, theirs);
    for (const MergePiece& piece : pieces) {
      again += piece.before;
      my_text += piece.mine;
      their_text += piece.theirs;
    }
    INFO("before:\n" << before << "mine:\n" << mine << "theirs:\n" << theirs);
    REQUIRE(again == before);
    REQUIRE(my_text == mine);
    REQUIRE(their_text == theirs);
    REQUIRE(merged(before, before, theirs) == theirs);
    REQUIRE(merged(before, mine, before) == mine);
    REQUIRE(merged(before, mine, mine) == mine);
  }
}
