// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"

#include <time.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/strings.h"
#include "edit/lines.h"
#include "screens/globals.h"
#include "screens/main_screen.h"
#include "support/catch.h"

namespace vuurmuur::screens_test {
namespace {

constexpr const char* kRoot = "/etc/vuurmuur";

app::App make_app(const Files& files) {
  auto memory = std::make_shared<base::MemoryFileSystem>();
  for (const auto& [path, text] : files) memory->files[std::string(kRoot) + "/" + path] = text;
  return app::App({.workspace = app::Workspace(memory, kRoot), .user = "anna", .host = "gate"}, screens::globals(),
                  screens::make_main());
}

}  // namespace

Files office() {
  const std::string rules =
      "# of the office\n"
      "RULE=\"separator options comment=\\\"The firewall itself\\\"\"\n"
      "RULE=\"accept service ssh from admins.local.lan to firewall options comment=\\\"from their desks\\\"\"\n"
      "RULE=\"accept service dns from firewall to world.inet\"\n"
      "RULE=\"separator options comment=\\\"Through it\\\"\"\n"
      "RULE=\"nfqueue service http from lan to world.inet options nfqueuenum=\\\"3\\\"\"\n"
      "RULE=\"masq service any from lan to world.inet options out_int=\\\"wan\\\"\"\n"
      "RULE=\"portfw service http from world.inet to web.servers.dmz options log\"\n"
      "RULE=\";drop service any from dmz to lan\"\n";
  return {
      {"config.conf", ""},
      {"interfaces/wan.conf", "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"198.51.100.2\"\n"},
      {"interfaces/lan0.conf", "ACTIVE=\"Yes\"\nDEVICE=\"eth1\"\nIPADDRESS=\"192.168.1.1\"\n"},
      {"interfaces/dmz0.conf", "ACTIVE=\"Yes\"\nDEVICE=\"eth2\"\nIPADDRESS=\"10.1.0.1\"\n"},
      {"services/http", "ACTIVE=\"Yes\"\nTCP=\"80*1024:65535\"\nCOMMENT=\"the web\"\n"},
      {"services/ssh", "ACTIVE=\"Yes\"\nTCP=\"22*1024:65535\"\n"},
      {"services/dns", "ACTIVE=\"Yes\"\nUDP=\"53*1024:65535\"\nTCP=\"53*1024:65535\"\n"},
      {"zones/lan/zone.config", "ACTIVE=\"Yes\"\nCOMMENT=\"the desks\"\n"},
      {"zones/lan/networks/local/network.config",
       "ACTIVE=\"Yes\"\nNETWORK=\"192.168.1.0\"\nNETMASK=\"255.255.255.0\"\nINTERFACE=\"lan0\"\n"},
      {"zones/lan/networks/local/hosts/anna.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"192.168.1.10\"\nCOMMENT=\"desk 1\"\n"},
      {"zones/lan/networks/local/hosts/bram.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"192.168.1.11\"\n"},
      {"zones/lan/networks/local/groups/admins.group", "ACTIVE=\"Yes\"\nMEMBER=\"anna\"\n"},
      {"zones/dmz/zone.config", "ACTIVE=\"Yes\"\n"},
      {"zones/dmz/networks/servers/network.config",
       "ACTIVE=\"Yes\"\nNETWORK=\"10.1.0.0\"\nNETMASK=\"255.255.255.0\"\nINTERFACE=\"dmz0\"\n"},
      {"zones/dmz/networks/servers/hosts/web.host", "ACTIVE=\"Yes\"\nIPADDRESS=\"10.1.0.80\"\n"},
      {"zones/inet/zone.config", "ACTIVE=\"Yes\"\n"},
      {"zones/inet/networks/world/network.config",
       "ACTIVE=\"Yes\"\nNETWORK=\"0.0.0.0\"\nNETMASK=\"0.0.0.0\"\nINTERFACE=\"wan\"\n"},
      {"rules/rules.conf", rules},
      {"rules/blocklist.conf", "BLOCK=\"203.0.113.9\"\n"},
  };
}

Driver::Driver(Files files, ui::Size size) : size_(size), app_(make_app(files)) {
  // Dates are shown in the time of the place.
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  static_cast<void>(app_.view(size_));
}

void Driver::keep(std::vector<app::Effect> effects) {
  for (app::Effect& effect : effects) effects_.push_back(std::move(effect));
  // As in life: lists learn from each view how many rows there are, clicks where things stand.
  static_cast<void>(app_.view(size_));
}

Driver& Driver::press(std::string_view keys) {
  for (const std::string_view name : base::split(keys, ' ')) {
    const auto key = ui::key_from(name);
    INFO("key '" << name << "'");
    REQUIRE(key);
    keep(app_.input(*key));
  }
  return *this;
}

Driver& Driver::press_unseen(std::string_view keys) {
  for (const std::string_view name : base::split(keys, ' '))
    for (app::Effect& effect : app_.input(*ui::key_from(name))) effects_.push_back(std::move(effect));
  return *this;
}

Driver& Driver::type(std::string_view text) {
  for (const char c : text) keep(app_.input(ui::Key::of(static_cast<unsigned char>(c))));
  return *this;
}

Driver& Driver::happen(const app::Event& event) {
  keep(app_.handle(event));
  return *this;
}

Driver& Driver::click(int row, int column, bool is_double) {
  keep(app_.input(ui::Mouse{.what = is_double ? ui::Mouse::What::DoublePress : ui::Mouse::What::Press,
                            .place = {.row = row, .column = column}}));
  return *this;
}

Driver& Driver::resize(ui::Size size) {
  size_ = size;
  keep(app_.input(ui::Resize{.size = size}));
  return *this;
}

Driver& Driver::with_daemon() {
  happen(app::LinkChanged{.link = app::Link::There});
  return happen(app::StatusKnown{
      .status = {
          .state = "confirmed",
          .generation = app::Generation{.number = 12, .state = "confirmed", .backend = "nft", .is_in_force = true},
          .confirmed = 12}});
}

std::string Driver::text() const { return app_.view(size_).to_text(); }
std::string Driver::styles() const { return app_.view(size_).to_style_text(); }
bool Driver::shows(std::string_view wanted) const { return text().find(wanted) != std::string::npos; }

std::string Driver::line(int row) const {
  const std::string screen = text();
  return std::string(base::split(screen, '\n')[static_cast<std::size_t>(row)]);
}

std::string Driver::rules() const {
  std::string text;
  for (const app::RuleLine& line : app_.model().workspace.now().rules) text += line.text + "\n";
  return text;
}

std::vector<app::Effect> Driver::take_effects() { return std::exchange(effects_, {}); }

void expect_file(const std::string& path, const std::string& text) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  INFO(path);
  CHECK(text == expected.str());
}

void expect_screen(const Driver& driver, const std::string& name, bool with_styles) {
  const std::string path = std::string(VM_TEST_DIR) + "/unit/screens/expect/" + name;
  expect_file(path + ".txt", driver.text());
  if (with_styles) expect_file(path + ".style", driver.styles());
}

}  // namespace vuurmuur::screens_test
