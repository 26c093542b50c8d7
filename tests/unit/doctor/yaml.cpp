// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/yaml.h"

#include <fmt/format.h>

#include "support/catch.h"

using namespace vuurmuur::doctor;

TEST_CASE("YAML is read with the lines of its keys, and aliases in their places") {
  const auto root =
      parse_yaml("%YAML 1.1\n---\na: 1\nlist: &l\n  - x\n  - 'y z'\nb:\n  c: *l\n  d: !include other.yaml\n");
  REQUIRE(root);
  REQUIRE(root->members.size() == 3);
  CHECK(root->members[0].line == 3);
  CHECK(root->members[0].value.scalar == "1");
  CHECK(root->members[1].value.items[1].scalar == "y z");
  const YamlNode& b = root->members[2].value;
  CHECK(b.members[0].value.kind == YamlNode::Kind::List);
  CHECK(b.members[0].value.items[0].scalar == "x");
  CHECK(b.members[1].value.tag == "!include");
  CHECK(b.members[1].line == 9);
}

TEST_CASE("an empty text is an empty map") {
  const auto root = parse_yaml("# nothing\n");
  REQUIRE(root);
  CHECK(root->kind == YamlNode::Kind::Map);
  CHECK(root->members.empty());
}

TEST_CASE("what is no YAML is refused with a line") {
  const auto root = parse_yaml("a: 1\nb: [1, 2\nc: 3\n");
  REQUIRE_FALSE(root);
  CHECK(root.error().message.starts_with("line "));
}

TEST_CASE("what is nested without end, or grows without end, is refused") {
  const auto deep = parse_yaml(std::string(100, '[') + std::string(100, ']'));
  REQUIRE_FALSE(deep);
  CHECK(deep.error().message == "line 1: nested too deeply");
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    bomb += fmt::format("a{}: &a{} [", i, i);
    for (int j = 0; j < 10; ++j) bomb += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    bomb += "]\n";
  }
  const auto grown = parse_yaml(bomb);
  REQUIRE_FALSE(grown);
  CHECK(grown.error().message.ends_with("too many values"));
  CHECK_FALSE(parse_yaml("a: &a [*a]\n"));
}
