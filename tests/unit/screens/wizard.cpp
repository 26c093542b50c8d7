// SPDX-License-Identifier: GPL-2.0-or-later
#include "app/workspace.h"
#include "driver.h"
#include "screens/proposal.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens::Side;
using screens::Wishes;
using screens_test::Driver;
using screens_test::expect_screen;

namespace {

app::Device device(const std::string& name, const std::vector<const char*>& addresses, bool has_default_route = false) {
  app::Device device{.name = name, .is_up = true, .has_default_route = has_default_route};
  for (const char* text : addresses) {
    const auto prefix = net::Prefix::parse(text);
    device.networks.push_back(prefix->network());
    device.addresses.push_back(prefix->address);
  }
  return device;
}

app::Machine gateway() {
  return {.devices = {device("eth0", {"198.51.100.2/24", "2001:db8:1::2/64"}, true),
                      device("eth1", {"192.168.1.1/24", "2001:db8:2::1/64"}),
                      device("eth2", {"10.1.0.1/16"}),
                      {.name = "eth3"}},
          .listeners = {{.is_udp = false, .port = 22}, {.is_udp = false, .port = 8443}, {.is_udp = true, .port = 67}}};
}

/// The proposal read as a configuration, which must have no errors.
std::shared_ptr<const app::Reading> read(const std::map<std::string, std::string>& files) {
  base::MemoryFileSystem memory;
  for (const auto& [path, text] : files) memory.files["/tree/" + path] = text;
  auto reading = app::read(memory, "/tree");
  for (const diag::Diagnostic& problem : reading->problems.all()) {
    INFO(problem.message);
    CHECK(problem.severity != diag::Severity::Error);
  }
  return reading;
}

bool has_rule(const app::Reading& reading, std::string_view text) {
  for (const app::RuleLine& line : reading.rules)
    if (line.text.starts_with(text)) return true;
  return false;
}

}  // namespace

TEST_CASE("the device with the default route is the way to the internet, those with addresses the LAN") {
  const Wishes wishes = screens::guess(gateway(), "");
  CHECK(wishes.sides == std::vector{Side::Internet, Side::Lan, Side::Lan, Side::Nothing});
  CHECK(wishes.masquerades);
  CHECK(wishes.session_port == 0);
  CHECK_FALSE(screens::guess({.devices = {device("eth0", {"198.51.100.2/24"}, true)}}, "").masquerades);
}

TEST_CASE("a proposal is a configuration without errors, whatever the devices are for") {
  const app::Machine machine = gateway();
  for (int sides = 0; sides < 4 * 4 * 4 * 4; ++sides) {
    Wishes wishes = screens::guess(machine, "192.168.1.77 51000 192.168.1.1 8443");
    for (int i = 0, rest = sides; i < 4; ++i, rest /= 4)
      wishes.sides[static_cast<std::size_t>(i)] = static_cast<Side>(rest % 4);
    for (auto& [listener, side] : wishes.open) side = Side::Internet;
    INFO(sides);
    static_cast<void>(read(screens::propose(machine, wishes)));
  }
}

TEST_CASE("the present session is let in from where it comes, on the port it came to") {
  const app::Machine machine = gateway();
  const auto inside = read(screens::propose(machine, screens::guess(machine, "192.168.1.77 51000 192.168.1.1 8443")));
  CHECK(has_rule(*inside, "accept service tcp-8443 from lan to firewall"));
  CHECK_FALSE(has_rule(*inside, "accept service tcp-8443 from world.inet"));
  const auto outside = read(screens::propose(machine, screens::guess(machine, "203.0.113.5 51000 198.51.100.2 22")));
  CHECK(has_rule(*outside, "accept service ssh from world.inet to firewall"));
}

TEST_CASE("what listens is opened for whom it is wished, and for nobody else") {
  const app::Machine machine = gateway();
  Wishes wishes = screens::guess(machine, "");
  const auto closed = read(screens::propose(machine, wishes));
  CHECK_FALSE(has_rule(*closed, "accept service ssh from"));
  wishes.open[{.is_udp = false, .port = 22}] = Side::Lan;
  const auto open = read(screens::propose(machine, wishes));
  CHECK(has_rule(*open, "accept service ssh from lan to firewall"));
  CHECK_FALSE(has_rule(*open, "accept service ssh from world.inet"));
}

TEST_CASE("a server with one device needs no zone but the internet") {
  const app::Machine machine{.devices = {device("ens3", {"203.0.113.9/24"}, true)}};
  const auto reading = read(screens::propose(machine, screens::guess(machine, "198.51.100.7 4711 203.0.113.9 22")));
  CHECK(reading->tree->policy.zones.size() == 1);
  CHECK(has_rule(*reading, "accept service ssh from world.inet to firewall"));
  CHECK_FALSE(has_rule(*reading, "masq"));
}

TEST_CASE("of the shipped services those are taken that rules speak of, and none that opens more than listens") {
  app::Machine machine = gateway();
  machine.services = {{"ssh", "RANGE=\"6;22\"\nCOMMENT=\"shipped\"\n"},
                      {"a-host", "RANGE=\"6;22\"\nRANGE=\"6;8006\"\n"},
                      {"a-web", "RANGE=\"6;9000\"\nRANGE=\"6;8443\"\n"},
                      {"shop", "RANGE=\"6;8443\"\n"},
                      {"one", "RANGE=\"6;3000\"\n"},
                      {"two", "RANGE=\"6;3000\"\n"}};
  machine.listeners.push_back({.is_udp = false, .port = 3000});
  CHECK(screens::service_of(machine, {.is_udp = false, .port = 22}) == "ssh");
  CHECK(screens::service_of(machine, {.is_udp = false, .port = 8443}) == "shop");
  CHECK(screens::service_of(machine, {.is_udp = false, .port = 3000}) == "tcp-3000");
  Wishes wishes = screens::guess(machine, "");
  for (auto& [listener, side] : wishes.open) side = Side::Lan;
  const auto files = screens::propose(machine, wishes);
  CHECK(files.at("services/ssh") == machine.services.at("ssh"));
  CHECK(files.at("services/shop") == machine.services.at("shop"));
  CHECK(files.contains("services/tcp-3000"));
  for (const char* unused : {"a-host", "a-web", "one", "two"})
    CHECK_FALSE(files.contains(std::string("services/") + unused));
  static_cast<void>(read(files));
}

TEST_CASE("the wizard shows what it proposes, and makes a draft of it") {
  Driver driver(screens_test::Files{{"config.conf", ""}});
  driver.app().model().machine = gateway();
  driver.app().model().own_connection = "192.168.1.77 51000 192.168.1.1 22";
  CHECK(driver.press("Esc").shows("! there is no configuration yet: W proposes one"));
  driver.press("W");
  expect_screen(driver, "wizard-80x24");
  expect_screen(driver.resize({.rows = 40, .columns = 140}), "wizard-140x40");
  driver.press("j j Space Enter");
  CHECK(driver.line(0).find("Rules") != std::string::npos);
  CHECK(driver.model().workspace.change_count() == 1);
  CHECK(driver.shows("masq"));
  CHECK(driver.model().workspace.policy().zones.size() == 3);
  CHECK_FALSE(driver.model().workspace.now().problems.has_errors());
}

TEST_CASE("the wizard touches no configuration that is there") {
  Driver driver;
  driver.app().model().machine = gateway();
  driver.press("W Enter");
  CHECK(driver.line(23) == " there is a configuration already: this is for an empty one");
}
