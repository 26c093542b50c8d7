// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/strings.h"

#include <cerrno>

#include "base/nearest.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "support/catch.h"

using namespace vuurmuur::base;

TEST_CASE("trimming takes blanks, tabs and carriage returns from the ends only") {
  CHECK(trim(" \ta b\t\r") == "a b");
  CHECK(trim(" \r").empty());
  CHECK(trim("").empty());
}

TEST_CASE("case is ignored for ASCII letters only") {
  CHECK(equals_ignoring_case("AbZ", "aBz"));
  CHECK_FALSE(equals_ignoring_case("a", "ab"));
  CHECK_FALSE(equals_ignoring_case("[", "{"));
  CHECK(to_lower("AZaz09Ä") == "azaz09Ä");
}

TEST_CASE("splitting keeps empty pieces") {
  using Pieces = std::vector<std::string_view>;
  CHECK(split("a,,b", ',') == Pieces{"a", "", "b"});
  CHECK(split("", ',') == Pieces{""});
  CHECK(split(",", ',') == Pieces{"", ""});
  const std::vector<std::string> pieces{"a", "", "b"};
  CHECK(join(pieces, ", ") == "a, , b");
}

TEST_CASE("a number is the whole text or none, and never wraps") {
  CHECK(parse_number<int>("-12") == -12);
  CHECK(parse_number<std::uint16_t>("65535") == 65535);
  CHECK_FALSE(parse_number<std::uint16_t>("65536"));
  CHECK_FALSE(parse_number<unsigned>("-1"));
  CHECK_FALSE(parse_number<int>("12 "));
  CHECK_FALSE(parse_number<int>(""));
  CHECK(parse_unsigned("0xff") == 255);
  CHECK(parse_unsigned("255") == 255);
  CHECK_FALSE(parse_unsigned("0x"));
  CHECK_FALSE(parse_unsigned("99999999999999999999"));
}

TEST_CASE("the nearest word is at most three edits away, swaps count once") {
  CHECK(edit_distance("http", "htpp", 3) == 1);
  CHECK(edit_distance("form", "from", 3) == 1);
  CHECK(edit_distance("abc", "xyz", 2) == 3);
  constexpr std::string_view kWords[] = {"accept", "drop", "reject"};
  CHECK(nearest("acept", kWords) == "accept");
  CHECK(nearest("DORP", kWords) == "drop");
  CHECK_FALSE(nearest("masquerade", kWords));
  CHECK_FALSE(nearest("", kWords));
  CHECK_FALSE(nearest(std::string(100000, 'a'), kWords));
}

TEST_CASE("errors say what was being done") {
  const Result<int> result = system_error("open 'x'", ENOENT);
  CHECK(result.error() == Error{"open 'x': no such file or directory", ENOENT});
  CHECK(Error{"b", 5}.within("a") == Error{"a: b", 5});
  const Result<int> plain = failure("it is odd");
  CHECK(plain.error() == Error{"it is odd", 0});
}

TEST_CASE("the try macros hand errors on and unwrap values") {
  const auto twice = [](Result<int> in) -> Result<int> { return 2 * VM_TRY(in); };
  const auto check = [](Result<void> in) -> Result<int> {
    VM_TRY_VOID(in);
    return 1;
  };
  CHECK(twice(4) == 8);
  CHECK(twice(failure("no")).error().message == "no");
  CHECK(check({}) == 1);
  CHECK(check(failure("no")).error().message == "no");
}

TEST_CASE("a descriptor is closed once by its last owner") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  UniqueFd read_end(ends[0]);
  {
    UniqueFd first(ends[1]);
    UniqueFd second(std::move(first));
    CHECK_FALSE(first);
    CHECK(second.get() == ends[1]);
  }
  char byte = 0;
  CHECK(::read(read_end.get(), &byte, 1) == 0);  // the other end is closed
  const int released = read_end.release();
  CHECK_FALSE(read_end);
  CHECK(::close(released) == 0);
}
