// SPDX-License-Identifier: GPL-2.0-or-later
// Values of any bytes: they come back as they were given, and change nothing beside them.
#include <random>

#include "edit/blocklist.h"
#include "edit/lines.h"
#include "edit/objects.h"
#include "small_tree.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::edit;
using test::kRoot;
using test::SmallTree;

namespace {

std::string random_value(std::mt19937& random) {
  // Mostly what means something in a file.
  constexpr std::string_view kSpecial = "\"\\\\#=;\n\r\t ,'RULE.*:/";
  std::string value;
  const std::size_t size = random() % 12;
  for (std::size_t i = 0; i < size; ++i)
    value += random() % 4 != 0 ? kSpecial[random() % kSpecial.size()] : static_cast<char>(random() % 256);
  return value;
}

/// What becomes of bytes that a line cannot have.
std::string on_one_line(std::string value) {
  for (char& c : value)
    if (c == '\n' || c == '\r' || c == '\0') c = ' ';
  return value;
}

bool is_blank(const std::string& value) { return value.find_first_not_of(" \t\n\r") == std::string::npos; }

}  // namespace

TEST_CASE("a value of any bytes comes back as it was given, and no other line changes") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const Object mail{Kind::Host, "mail.world.inet"};
  const auto variable = find_variable(Kind::Host, "COMMENT");
  for (int round = 0; round < 500; ++round) {
    SmallTree tree;
    Draft draft(tree.files, kRoot);
    const std::string values[] = {random_value(random)};
    CAPTURE(values[0]);
    REQUIRE(modify_object(draft, mail, "COMMENT", values, How::Overwrite));
    REQUIRE(tree.save(draft)->is_saved());
    CHECK(tree.text("zones/inet/networks/world/hosts/mail.host")
              .starts_with("# by the door\nIPADDRESS=\"192.0.2.25\"\n"));
    const Draft again(tree.files, kRoot);
    const auto* document = again.find(path_of(mail));
    REQUIRE(document->lines().size() <= 3);
    const std::string got = values_of(*document, Kind::Host, **variable).front();
    const std::string expected = on_one_line(values[0]);
    CHECK(got == (is_blank(expected) ? "" : expected));
  }
}

TEST_CASE("a rule or a blocked one of any bytes is one line or refused, and leaves the others as they are") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    SmallTree tree;
    const auto before = tree.files.files;
    Draft draft(tree.files, kRoot);
    const std::string value = random_value(random);
    CAPTURE(value);
    auto rules = open_object(draft, {Kind::Rules, "rules"});
    const std::vector<std::string> old = lines_of(**rules);
    REQUIRE(insert_line(**rules, 2, value));
    auto blocklist = open_object(draft, {Kind::Blocklist, "blocklist"});
    static_cast<void>(block(**blocklist, random_value(random)));
    const auto outcome = tree.save(draft);
    REQUIRE(outcome);
    if (!outcome->is_saved()) {
      CHECK(tree.files.files == before);
      continue;
    }
    const Draft again(tree.files, kRoot);
    std::vector<std::string> now = lines_of(*again.find("rules/rules.conf"));
    if (now.size() > old.size()) now.erase(now.begin() + 1);
    CHECK(now == old);
  }
}

TEST_CASE("names of any bytes make no path") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    const std::string name = random_value(random);
    for (const Kind kind : {Kind::Host, Kind::Network, Kind::Zone, Kind::Service, Kind::Interface}) {
      const Object object{kind, name};
      if (fault_of_name(object)) continue;
      CHECK(path_of(object).find("..") == std::string::npos);
      CHECK(path_of(object).find('\0') == std::string::npos);
    }
  }
}
