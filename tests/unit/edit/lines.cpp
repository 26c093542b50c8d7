// SPDX-License-Identifier: GPL-2.0-or-later
#include "edit/lines.h"

#include "base/strings.h"
#include "edit/blocklist.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::edit;

namespace {

config::Document letters() {
  return config::Document("RULE=\"a\"\n# between\nRULE=\"\"\nRULE=\"b\"  # second\nRULE=\"c\"\nRULE=\"d\"\n");
}

std::string text_of(const config::Document& document) { return base::join(lines_of(document), ""); }

}  // namespace

TEST_CASE("a line is inserted, replaced and deleted, and the others are not touched") {
  auto document = letters();
  REQUIRE(insert_line(document, 2, "x"));
  CHECK(document.to_text() ==
        "RULE=\"a\"\nRULE=\"x\"\n# between\nRULE=\"\"\nRULE=\"b\"  # second\nRULE=\"c\"\nRULE=\"d\"\n");
  REQUIRE(replace_line(document, 3, "y"));
  REQUIRE(delete_line(document, 4));
  CHECK(document.to_text() == "RULE=\"a\"\nRULE=\"x\"\n# between\nRULE=\"\"\nRULE=\"y\"  # second\nRULE=\"d\"\n");
  REQUIRE(insert_line(document, 5, "e"));
  CHECK(text_of(document) == "axyde");
}

TEST_CASE("a moved line gets the number that was wished") {
  const auto moved = [](std::size_t from, std::size_t to) {
    auto document = letters();
    REQUIRE(move_line(document, from, to));
    return text_of(document);
  };
  CHECK(moved(1, 3) == "bcad");
  CHECK(moved(1, 4) == "bcda");
  CHECK(moved(4, 1) == "dabc");
  CHECK(moved(3, 2) == "acbd");
  CHECK(moved(2, 2) == "abcd");
}

TEST_CASE("a number that there is not is refused") {
  auto document = letters();
  CHECK(insert_line(document, 6, "x").error().message == "there is no line 6, they are 1 to 5");
  CHECK(delete_line(document, 0).error().why == Refusal::Why::NotFound);
  CHECK(move_line(document, 1, 5).error().message == "there is no line 5, they are 1 to 4");
  config::Document empty;
  CHECK(delete_line(empty, 1).error().message == "there is no line 1, there is none at all");
  CHECK(insert_line(empty, 1, "x"));
}

TEST_CASE("an entry of the blocklist is there once, however it is written") {
  config::Document list("RULE=\"block 192.0.2.7/32\"\nRULE=\";block 192.0.2.8\"\nRULE=\"block web.world.inet\"\n");
  CHECK_FALSE(block(list, "192.0.2.7"));
  CHECK_FALSE(block(list, "web.world.inet"));
  CHECK(block(list, "192.0.2.8"));
  CHECK(block(list, "2001:db8::/32"));
  CHECK(blocked_in(list) == std::vector<std::string>{"192.0.2.7/32", "web.world.inet", "192.0.2.8", "2001:db8::/32"});
  CHECK(unblock(list, "2001:0db8::/32"));
  CHECK(unblock(list, "192.0.2.7"));
  CHECK_FALSE(unblock(list, "192.0.2.7"));
  CHECK(list.to_text() == "RULE=\";block 192.0.2.8\"\nRULE=\"block web.world.inet\"\nRULE=\"block 192.0.2.8\"\n");
}
