// SPDX-License-Identifier: GPL-2.0-or-later
#include "history/json_place.h"

#include "support/catch.h"

using namespace vuurmuur::history;

namespace vuurmuur::history {
static std::ostream& operator<<(std::ostream& out, const TextPlace& place) {
  return out << place.line << ':' << place.column;
}
}  // namespace vuurmuur::history

TEST_CASE("a byte has a line and a column, also behind the end") {
  constexpr std::string_view kText = "ab\nc\n\nd";
  CHECK(place_of_byte(kText, 0) == TextPlace{1, 1});
  CHECK(place_of_byte(kText, 2) == TextPlace{1, 3});
  CHECK(place_of_byte(kText, 3) == TextPlace{2, 1});
  CHECK(place_of_byte(kText, 5) == TextPlace{3, 1});
  CHECK(place_of_byte(kText, 6) == TextPlace{4, 1});
  CHECK(place_of_byte(kText, 999) == TextPlace{4, 2});
  CHECK(place_of_byte("", 0) == TextPlace{1, 1});
}

TEST_CASE("a value is found by its path, whatever is in the strings before it") {
  constexpr std::string_view kJson = R"({
 "a": "x, y: [\"{",
 "b": [1, {"c": []}, "],",
  {"d": true , "e\"": -1.5e3}],
 "f": null
}
)";
  CHECK(place_of_value(kJson, "") == TextPlace{1, 1});
  CHECK(place_of_value(kJson, "a") == TextPlace{2, 7});
  CHECK(place_of_value(kJson, "b") == TextPlace{3, 7});
  CHECK(place_of_value(kJson, "b[0]") == TextPlace{3, 8});
  CHECK(place_of_value(kJson, "b[1].c") == TextPlace{3, 17});
  CHECK(place_of_value(kJson, "b[2]") == TextPlace{3, 22});
  CHECK(place_of_value(kJson, "b[3].d") == TextPlace{4, 9});
  CHECK(place_of_value(kJson, "b[3].e\\\"") == TextPlace{4, 23});
  CHECK(place_of_value(kJson, "f") == TextPlace{5, 7});
  CHECK(place_of_value(kJson, "g") == TextPlace{1, 1});
  CHECK(place_of_value(kJson, "b[7]") == TextPlace{1, 1});
}
