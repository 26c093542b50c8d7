// SPDX-License-Identifier: GPL-2.0-or-later
#include <chrono>

#include "driver.h"
#include "screens/zones_screen.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::office;

TEST_CASE("zones are entered, and left to where they were entered") {
  Driver driver;
  driver.press("z");
  expect_screen(driver, "zones-80x24", true);
  driver.press("End Enter");
  expect_screen(driver, "networks-80x24");
  driver.press("Right j");
  expect_screen(driver, "hosts-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "hosts-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "hosts-200x50");
  driver.press("h");
  CHECK(driver.shows("Networks of lan"));
  driver.press("Right").resize({.rows = 24, .columns = 80});
  CHECK(driver.press("Left Left").line(0).find("Zones  ") != std::string::npos);
  CHECK(driver.press("Left").line(23) == " these are all zones: they are in nothing");
}

TEST_CASE("a host that is entered again has the one selected that was") {
  Driver driver;
  driver.press("z End Enter Enter j Left Enter d");
  CHECK(driver.line(23) == " host 'bram.local.lan' is deleted; u undoes it");
  driver.press("u");
  CHECK(driver.shows("bram"));
}

TEST_CASE("a new host is asked for its name, and is edited at once") {
  Driver driver;
  driver.press("z End Enter Enter i Enter").type("car la");
  CHECK(driver.shows("a name has letters, digits, '_' and '-', not 'car la'"));
  driver.press("Backspace Backspace Backspace").type("la");
  driver.press("Enter");
  CHECK(driver.line(0).find("host 'carla.local.lan'") != std::string::npos);
  driver.type("192.168.1.12").press("F2");
  const auto& host = driver.model().workspace.policy().hosts[3];
  CHECK(host.full_name() == "carla.local.lan");
  CHECK(host.active);
  CHECK(driver.shows("192.168.1.12"));
  CHECK(driver.model().workspace.change_count() == 2);
  driver.press("u u");
  CHECK(driver.model().workspace.changes().is_empty());
  CHECK_FALSE(driver.press("Up").shows("carla"));
}

TEST_CASE("a name that is taken is told of while it is typed") {
  Driver driver;
  driver.press("z End Enter Enter i Enter").type("bram");
  CHECK(driver.shows("there is a host 'bram.local.lan' already"));
  CHECK(driver.press("Enter Esc").model().workspace.change_count() == 0);
}

TEST_CASE("what is used is not deleted, and who uses it is named") {
  Driver driver;
  driver.press("z End Enter Enter d");
  CHECK(driver.line(23) == " host 'anna.local.lan' is used by group 'admins.local.lan'");
  CHECK(driver.model().workspace.change_count() == 0);
  driver.press("w");
  expect_screen(driver, "users-of-host");
  driver.press("Enter");
  CHECK(driver.shows("Members  anna"));
}

TEST_CASE("who uses a zone is gone to: the rule") {
  Driver driver;
  driver.press("z w").type("drop").press("Enter");
  CHECK(driver.line(0).find("Zones › Rules") != std::string::npos);
  driver.press("e");
  CHECK(driver.line(0).find("Rule 8") != std::string::npos);
}

TEST_CASE("a new name follows into rules and groups, and the selection goes with it") {
  Driver driver;
  driver.press("z End r Ctrl-u").type("office").press("Enter");
  CHECK(driver.line(23) == " zone 'lan' is 'office' now");
  CHECK(driver.rules().find("from admins.local.office to firewall") != std::string::npos);
  CHECK(driver.rules().find("from office to world.inet") != std::string::npos);
  driver.press("Enter Enter r Ctrl-u").type("anne").press("Enter");
  CHECK(*driver.model().workspace.policy().groups[0].members[0] == "anne");
  CHECK(driver.shows("anne"));
  driver.press("u u");
  CHECK(driver.model().workspace.changes().is_empty());
}

TEST_CASE("an object is switched off and on") {
  Driver driver;
  driver.press("z End Enter Enter Space");
  CHECK(driver.line(23) == " host 'anna.local.lan' is off");
  CHECK_FALSE(driver.model().workspace.policy().hosts[1].active);
  driver.press("Space");
  CHECK(driver.model().workspace.changes().is_empty());
  CHECK(driver.model().workspace.policy().hosts[1].active);
}

TEST_CASE("a filter of hosts goes by name, address and comment, and ends when one goes elsewhere") {
  Driver driver;
  driver.press("z End Enter Enter /").type("1.11").press("Enter");
  CHECK_FALSE(driver.shows("anna "));
  CHECK(driver.shows("bram"));
  CHECK(driver.press("\\").shows("anna "));
  driver.press("/").type("nobody").press("Enter");
  CHECK(driver.shows("\\ ends the filter"));
  CHECK(driver.press("d").line(23) == " there is nothing here");
  CHECK(driver.press("Left Right").shows("anna "));
}

TEST_CASE("the members of a group are marked in a list") {
  Driver driver;
  driver.press("z End Enter Enter G e Enter");
  expect_screen(driver, "multi-picker");
  driver.press("Down Space Enter");
  CHECK(driver.shows("anna bram"));
  driver.press("F2");
  CHECK(driver.model().workspace.policy().groups[0].members.size() == 2);
}

TEST_CASE("what is wrong with objects is marked and told") {
  auto files = office();
  files["zones/lan/networks/local/hosts/bram.host"] = "ACTIVE=\"Yes\"\nIPADDRESS=\"192.168.7.300\"\n";
  files["zones/lan/networks/local/groups/empty.group"] = "ACTIVE=\"Yes\"\nMEMBER=\"\"\nCOMMENT=\"\x1b[2Jx\"\n";
  Driver driver(files);
  driver.press("z End Enter Enter j");
  expect_screen(driver, "hosts-broken", true);
  driver.press("G");
  CHECK(driver.shows("\\x1b[2Jx"));
}

TEST_CASE("objects are gone to by their names") {
  Driver driver;
  driver.press(":").type("web.servers").press("Enter");
  CHECK(driver.line(0).find("Zones servers.dmz") != std::string::npos);
  CHECK(driver.shows("10.1.0.80"));
  driver.press(":").type("service").press("Enter");
  CHECK(driver.line(0).find("Services") != std::string::npos);
}

TEST_CASE("an empty tree offers to make a zone, and each further step") {
  Driver driver({{"config.conf", ""}, {"rules/rules.conf", ""}});
  driver.press("z");
  CHECK(driver.shows("i makes a zone"));
  driver.press("i").type("lan").press("Enter F2 Enter");
  CHECK(driver.shows("i makes a network"));
  driver.press("i").type("local").press("Enter").type("10.0.0.0/8").press("F2 Enter");
  CHECK(driver.shows("i makes a host or a"));
  const auto& document = driver.model().workspace.tree().documents.at("zones/lan/networks/local/network.config");
  CHECK(document.values("NETWORK") == std::vector<std::string>{"10.0.0.0"});
  CHECK(document.values("NETMASK") == std::vector<std::string>{"255.0.0.0"});
}

TEST_CASE("who may not write reads all the same") {
  Driver driver;
  driver.app().model().why_read_only = "you may not write '/etc/vuurmuur'";
  for (const char* key : {"Space", "d", "r", "i"}) {
    driver.press("z").press(key);
    CHECK(driver.line(23) == " you may not write '/etc/vuurmuur'");
    driver.press("Esc");
  }
  driver.press("z End Enter Enter e").type("0").press("F2");
  CHECK(driver.line(23) == " you may not write '/etc/vuurmuur'");
}

TEST_CASE("5,000 hosts are looked at and gone through without waiting") {
  auto files = office();
  for (int i = 0; i < 5000; ++i)
    files["zones/lan/networks/local/hosts/h" + std::to_string(i) + ".host"] =
        "ACTIVE=\"Yes\"\nIPADDRESS=\"192.168.1." + std::to_string(1 + i % 250) + "\"\n";
  Driver driver(files);
  driver.press("z End Enter");
  const auto ms_of = [&driver](const char* keys) {
    const auto begin = std::chrono::steady_clock::now();
    driver.press(keys);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  };
  const auto seen = ms_of("j j j j j j j j j j");
  driver.press("Enter");
  const auto moved = ms_of("PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn");
  INFO("10 frames: " << seen << " ms with the hosts as a preview, " << moved << " ms with them as a list");
  // Far more than it takes, for machines that are slow or busy.
  CHECK(seen < 2000);
  CHECK(moved < 2000);
}
