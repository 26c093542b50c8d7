// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::office;

namespace {

std::vector<std::string> ranges(const Driver& driver, const std::string& service) {
  return driver.model().workspace.tree().documents.at("services/" + service).values("RANGE");
}

}  // namespace

TEST_CASE("services with their ports in words") {
  Driver driver;
  driver.press("F8");
  expect_screen(driver, "services-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "services-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "services-200x50");
}

TEST_CASE("the form of a service shows its ports and leads to them") {
  Driver driver;
  driver.press("F8 Enter");
  expect_screen(driver, "service-form");
  driver.press("F6");
  CHECK(driver.line(0).find("Ports of dns") != std::string::npos);
}

TEST_CASE("a helper that the kernel does not have is told of") {
  Driver driver;
  driver.press("F8 Enter Up Up Up").type("fpt");
  CHECK(driver.shows("did you"));
  CHECK(driver.shows("mean 'ftp'?"));
}

TEST_CASE("ports are added, changed and deleted; the old way to write them becomes the new one") {
  Driver driver;
  driver.press("F8 j p");
  expect_screen(driver, "ports-80x24");
  driver.press("i Down").type("8080-8081").press("Down").type("1024:65535");
  expect_screen(driver, "port-form");
  driver.press("F2");
  CHECK(ranges(driver, "http") == std::vector<std::string>{"6;80*1024:65535", "6;8080:8081*1024:65535"});
  CHECK(driver.model().workspace.tree().documents.at("services/http").values("TCP").empty());
  driver.press("Enter Ctrl-u").type("443").press("F2");
  CHECK(ranges(driver, "http")[1] == "6;443*1024:65535");
  driver.press("d");
  CHECK(driver.line(23) == " tcp 1024:65535→443 is no part of http any more; u undoes it");
  CHECK(driver.press("u u u").model().workspace.changes().is_empty());
}

TEST_CASE("an ICMP message is chosen by its name") {
  Driver driver;
  driver.press("F8 i").type("ping").press("Enter F6 i Enter").type("icmp").press("Enter Enter").type("echo request");
  expect_screen(driver, "icmp-picker");
  driver.press("Enter F2");
  CHECK(ranges(driver, "ping") == std::vector<std::string>{"1;8*any"});
  CHECK(driver.shows("echo request"));
  driver.press("i Ctrl-u").type("icmpv6").press("Down").type("128").press("F2");
  CHECK(ranges(driver, "ping") == std::vector<std::string>{"1;8*any", "58;128*any"});
}

TEST_CASE("a protocol is written by its name or its number") {
  Driver driver;
  driver.press("F8 j p i Ctrl-u").type("espp");
  CHECK(driver.shows("no protocol is named 'espp'; did you mean 'esp'?"));
  driver.press("Backspace F2");
  CHECK(ranges(driver, "http")[1] == "50;0*0");
  driver.press("i Ctrl-u").type("253").press("Enter Esc F2");
  CHECK(ranges(driver, "http").size() == 3);
  CHECK(ranges(driver, "http")[2] == "253;0*0");
  driver.press("i Ctrl-u").type("256").press("F2");
  CHECK(driver.line(23).find("expects the name of a protocol or a number from 0 to 255, not '256'") !=
        std::string::npos);
}

TEST_CASE("ports that end before they begin are not taken") {
  Driver driver;
  driver.press("F8 p i Down").type("90:80");
  CHECK(driver.shows("the port range '90:80' ends before it begins"));
  driver.press("F2");
  CHECK(driver.model().workspace.change_count() == 0);
}

TEST_CASE("what cannot be read as ports does not go without being told of") {
  auto files = office();
  files["services/http"] = "RANGE=\"6;80*0\"\nRANGE=\"6;eighty*0\"\n";
  Driver driver(files);
  driver.press("F8 j p d");
  CHECK(driver.shows("What cannot be read"));
  CHECK(driver.press("n").model().workspace.change_count() == 0);
  driver.press("i Down").type("81").press("F2 y");
  CHECK(ranges(driver, "http") == std::vector<std::string>{"6;80*0", "6;81*0"});
  CHECK(driver.app().depth() == 3);
}

TEST_CASE("a service is renamed in its rules, and is not deleted while they use it") {
  Driver driver;
  driver.press("F8 j d");
  CHECK(driver.line(23).find("service 'http' is used by rule 5") != std::string::npos);
  driver.press("r Ctrl-u").type("www").press("Enter");
  CHECK(driver.rules().find("nfqueue service www from lan") != std::string::npos);
  CHECK(driver.press("w").shows("rule 5 (nfqueue www"));
}

TEST_CASE("interfaces with their devices, addresses and networks") {
  auto files = office();
  files["interfaces/spare.conf"] =
      "ACTIVE=\"No\"\nDEVICE=\"eth9\"\nIPADDRESS=\"dynamic\"\nCOMMENT=\"not plugged in\"\n";
  Driver driver(files);
  driver.press("i");
  expect_screen(driver, "interfaces-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "interfaces-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "interfaces-200x50");
  driver.resize({.rows = 24, .columns = 80}).press("End d");
  CHECK(driver.line(23).starts_with(" interface 'wan' is used by rule 6 (masq any from lan to world.inet)"));
}
