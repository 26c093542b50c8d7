// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <chrono>
#include <map>

#include "config/schema.h"
#include "driver.h"
#include "screens/field_looks.h"
#include "screens/object_fields.h"
#include "support/catch.h"

using namespace vuurmuur;
using config::FileType;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::office;

namespace {

constexpr FileType kTypes[] = {FileType::Settings, FileType::Interface, FileType::Zone,   FileType::Network,
                               FileType::Host,     FileType::Group,     FileType::Service};

/// The text of a file with the draft.
std::string file(const Driver& driver, const std::string& path) {
  return driver.model().workspace.tree().documents.at(path).to_text();
}

}  // namespace

TEST_CASE("every key of the schema has its place in a form") {
  for (const FileType type : kTypes) {
    std::map<std::string_view, int> places;
    for (const auto& look : screens::looks_of(type)) ++places[look.key];
    for (const config::KeyRow& key : config::keys_of(type)) {
      INFO(key.name);
      CHECK(places[key.name] == (key.count == config::Count::Kept ? 0 : 1));
      places.erase(key.name);
    }
    CHECK(places.empty());
  }
}

TEST_CASE("what nobody edits is written as it was") {
  const std::string text =
      "# mine\nACTIVE = yes\nIPADDRESS=\"192.168.1.10\"   # "
      "desk\n\nX-OWN=\"kept\"\nIPADDRESS=\"192.168.1.11\"\nMAC=\"none\"\n";
  config::Document document(text);
  screens::ObjectFields fields(FileType::Host, document);
  CHECK_FALSE(fields.is_changed());
  fields.write(document);
  CHECK(document.to_text() == text);
  fields.set("IPADDRESS.1", "192.168.1.12");
  CHECK(fields.is_changed());
  fields.write(document);
  CHECK(document.to_text() ==
        "# mine\nACTIVE = yes\nIPADDRESS=\"192.168.1.10\"   # "
        "desk\n\nX-OWN=\"kept\"\nIPADDRESS=\"192.168.1.12\"\nMAC=\"none\"\n");
}

TEST_CASE("networks are shown whole and written as the original reads them") {
  config::Document document("NETWORK=\"192.168.1.0\"\nNETWORK=\"dynamic\"\nNETMASK=\"255.255.255.0\"\n");
  screens::ObjectFields fields(FileType::Network, document);
  CHECK(fields.value("NETWORK.0") == "192.168.1.0/24");
  CHECK(fields.value("NETWORK.1") == "dynamic");
  CHECK(fields.row_of("NETMASK", 0) == "NETWORK.0");
  fields.set("NETWORK.2", "10.0.0.0/8");
  fields.set("IPV6NETWORK.0", "2001:db8::/64");
  fields.write(document);
  CHECK(document.values("NETWORK") == std::vector<std::string>{"192.168.1.0", "dynamic", "10.0.0.0"});
  CHECK(document.values("NETMASK") == std::vector<std::string>{"255.255.255.0", "255.0.0.0"});
  CHECK(document.values("IPV6CIDR") == std::vector<std::string>{"64"});
  // What is no network keeps no length of another.
  fields.set("NETWORK.0", "192.168.1");
  fields.write(document);
  CHECK(document.values("NETWORK") == std::vector<std::string>{"192.168.1", "dynamic", "10.0.0.0/8"});
  CHECK(document.values("NETMASK").empty());
}

TEST_CASE("statements are switched one by one, in any case of their letters, and what is none can be taken away") {
  config::Document document("RULE=\"Protect Against RP-Filter\"\nRULE=\"protect the innocent\"\n");
  screens::ObjectFields fields(FileType::Interface, document);
  CHECK(fields.value("RULE:3") == "yes");
  CHECK(fields.value("RULE.1") == "protect the innocent");
  fields.set("RULE:0", "yes");
  fields.write(document);
  CHECK(document.to_text() ==
        "RULE=\"Protect Against RP-Filter\"\nRULE=\"protect the innocent\"\nRULE=\"protect against "
        "source-routed-packets\"\n");
  fields.set("RULE.1", "");
  fields.set("RULE:3", "");
  fields.write(document);
  CHECK(document.values("RULE") == std::vector<std::string>{"protect against source-routed-packets"});
}

TEST_CASE("the form of a network") {
  Driver driver;
  driver.press("z End Enter e");
  expect_screen(driver, "network-form-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "network-form-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "network-form-200x50");
}

TEST_CASE("an address is checked while it is typed, and one more row is there for one more address") {
  Driver driver;
  driver.press("z End Enter Enter e Down").type("192.168.2");
  expect_screen(driver, "host-form-typing");
  driver.type(".9");
  CHECK(driver.shows("~ 192.168.2.9 is no host address of network 'local.lan'"));
  driver.press("F2");
  CHECK(driver.line(23) == " host 'anna.local.lan' is changed");
  CHECK(file(driver, "zones/lan/networks/local/hosts/anna.host") ==
        "ACTIVE=\"Yes\"\nIPADDRESS=\"192.168.1.10\"\nIPADDRESS=\"192.168.2.9\"\nCOMMENT=\"desk 1\"\n");
}

TEST_CASE("an address in the middle is taken away by emptying it") {
  auto files = office();
  files["zones/lan/networks/local/hosts/anna.host"] = "IPADDRESS=\"192.168.1.10\"\nIPADDRESS=\"192.168.1.12\"\n";
  Driver driver(files);
  driver.press("z End Enter Enter e Ctrl-u F2");
  CHECK(file(driver, "zones/lan/networks/local/hosts/anna.host") == "IPADDRESS=\"192.168.1.12\"\n");
}

TEST_CASE("lines that are pasted into a list are its values") {
  Driver driver;
  driver.press("z End Enter Enter e Down").happen(ui::Paste{.text = "192.168.1.20\n192.168.1.21\n"}).press("F2");
  CHECK(driver.model().workspace.policy().hosts[1].addresses.size() == 3);
}

TEST_CASE("a device is picked of those that the machine has") {
  Driver driver;
  driver.press("i End Enter Enter");
  CHECK(driver.line(23) == " no devices of this machine are known: type the name of one");
  driver.app().model().machine.devices = {{.name = "eth0", .is_up = true, .addresses = {}},
                                          {.name = "wlan0", .addresses = {*net::Address::parse("192.0.2.1")}}};
  driver.press("Enter").type("wlan").press("Enter F2");
  CHECK(*driver.model().workspace.policy().interfaces[2].device == "wlan0");
}

TEST_CASE("a form with errors is kept only when that is confirmed") {
  Driver driver;
  driver.press("z End Enter Enter e Ctrl-u").type("300.1.1.1").press("F2");
  CHECK(driver.shows("What is written has errors"));
  CHECK(driver.press("n").model().workspace.change_count() == 0);
  driver.press("F2 y");
  CHECK(driver.model().workspace.change_count() == 1);
  CHECK(driver.shows("!"));
}

TEST_CASE("a network's interfaces are picked, and a name that nothing has is told of") {
  Driver driver;
  driver.press("z End Enter e Down Down Down");
  driver.type(" lan1");
  CHECK(driver.shows("no interface is named 'lan1'; did you mean 'lan0'?"));
  driver.press("Enter");
  CHECK(driver.shows("there is no such thing"));
  driver.press("Space Space Enter F2");
  const auto& network = driver.model().workspace.policy().networks[2];
  REQUIRE(network.full_name() == "local.lan");
  REQUIRE(network.interfaces.size() == 2);
  CHECK(*network.interfaces[0] == "dmz0");
}

TEST_CASE("the form of an interface, with protections and bandwidth") {
  Driver driver;
  driver.press("i End Enter");
  expect_screen(driver, "interface-form-80x24");
  driver.press("Down Down Down").type("fe80::x");
  CHECK(driver.shows("^ "));
  driver.press("Ctrl-u PgDn");
  expect_screen(driver, "interface-form-below");
}

TEST_CASE("the settings, grouped, with what a missing key means") {
  Driver driver;
  driver.press("F6");
  expect_screen(driver, "settings-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "settings-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "settings-200x50");
  driver.press("Space F2");
  CHECK(driver.line(49) == " the settings are changed");
  CHECK(file(driver, "config.conf") == "BACKEND=\"xtables\"\n");
}

TEST_CASE("no way out of a changed form loses what was changed") {
  for (const char* key : {"Esc", "F10", "q"}) {
    Driver driver;
    driver.press("F6 Space").press(key);
    CHECK(driver.shows("Leave without keeping what was changed?"));
    CHECK(driver.press("n").shows("xtables"));
  }
}

TEST_CASE("a number of the settings is checked while it is typed") {
  Driver driver;
  driver.press("F6 PgDn Up");
  driver.type("x");
  CHECK(driver.shows("^ "));
  driver.press("Esc y");
  CHECK(driver.model().workspace.change_count() == 0);
  CHECK(driver.app().depth() == 1);
}

TEST_CASE("keys of the original that are not ours stay in config.conf") {
  auto files = office();
  files["config.conf"] = "# by hand\nIPTABLES=\"/sbin/iptables\"\nLOG_POLICY=\"Yes\"\nDNS_SERVER=\"192.0.2.53\"\n";
  Driver driver(files);
  driver.press("F6 Space F2");
  CHECK(file(driver, "config.conf") ==
        "# by hand\nIPTABLES=\"/sbin/iptables\"\nLOG_POLICY=\"Yes\"\nDNS_SERVER=\"192.0.2.53\"\nBACKEND=\"xtables\"\n");
}

TEST_CASE("checking an object does not read the whole tree: a key is answered at once among 5,000 hosts") {
  auto files = office();
  for (int i = 0; i < 5000; ++i)
    files["zones/lan/networks/local/hosts/h" + std::to_string(i) + ".host"] =
        "ACTIVE=\"Yes\"\nIPADDRESS=\"192.168.1." + std::to_string(1 + i % 250) + "\"\n";
  Driver driver(files);
  driver.press("z End Enter Enter e");
  const auto begin = std::chrono::steady_clock::now();
  driver.type("12345678901234567890");
  REQUIRE(driver.shows("12345678901234567890"));
  const auto took = std::chrono::steady_clock::now() - begin;
  INFO(std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms for 20 keys and frames");
  // Ten times what it needs, for machines that are slow or busy.
  CHECK(took < std::chrono::seconds(2));
}
