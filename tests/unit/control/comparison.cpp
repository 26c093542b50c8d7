// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/comparison.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

using namespace vuurmuur;
using control::FileDifference;

TEST_CASE("files are compared by path: changed, added, removed") {
  const auto differences =
      control::compare_files({{"a", "1\n"}, {"b", "2\n"}, {"d", "4\n"}}, {{"b", "3\n"}, {"c", "5\n"}, {"d", "4\n"}});
  REQUIRE(differences.size() == 3);
  CHECK(differences[0].kind == FileDifference::Kind::Removed);
  CHECK(differences[0].path == "a");
  CHECK(differences[1].kind == FileDifference::Kind::Changed);
  CHECK(differences[1].hunks.at(0).lines == std::vector<std::string>{"-2", "+3"});
  CHECK(differences[2].kind == FileDifference::Kind::Added);
  CHECK(differences[2].hunks.at(0).lines == std::vector<std::string>{"+5"});
}

TEST_CASE("a comparison survives its form as JSON, and other documents are none") {
  const control::Comparison comparison{.from = 3,
                                       .to = {},
                                       .directory = "/etc/vuurmuur",
                                       .differences = control::compare_files({{"a", "1\n"}}, {{"a", "2"}})};
  const auto document = control::json_of(comparison);
  const auto back = control::comparison_from(document);
  REQUIRE(back);
  CHECK(back->from == 3);
  CHECK_FALSE(back->to);
  CHECK(back->directory == comparison.directory);
  CHECK(back->differences == comparison.differences);
  for (const char* field : {"generation", "with", "directory", "differences"}) {
    auto broken = document;
    broken[field] = nlohmann::ordered_json::array({1});
    CHECK_FALSE(control::comparison_from(broken));
  }
}
