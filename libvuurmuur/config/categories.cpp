// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/categories.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest.h"
#include "config/names.h"

namespace vuurmuur::config {
namespace {

constexpr std::array kCategories{
    CategoryRow{"auth", "who somebody is: directories, tickets, passwords"},
    CategoryRow{"backup", "copies of what may be lost"},
    CategoryRow{"chat", "messages between people"},
    CategoryRow{"cluster", "machines that work as one"},
    CategoryRow{"containers", "Docker, Kubernetes and their like"},
    CategoryRow{"database", "databases and search engines"},
    CategoryRow{"development", "source code, builds, debugging"},
    CategoryRow{"files", "file sharing and transfer"},
    CategoryRow{"games", "games and their servers"},
    CategoryRow{"home", "lamps, sensors and other devices of a home"},
    CategoryRow{"industrial", "controllers of machines and buildings"},
    CategoryRow{"legacy", "old or unsafe: better not opened"},
    CategoryRow{"logging", "log records"},
    CategoryRow{"mail", "mail, and what filters it"},
    CategoryRow{"management", "administration of machines and programs"},
    CategoryRow{"media", "music, films and pictures"},
    CategoryRow{"messaging", "messages between programs"},
    CategoryRow{"monitoring", "measurement and supervision"},
    CategoryRow{"names", "names of machines"},
    CategoryRow{"network", "what networks themselves need"},
    CategoryRow{"peer-to-peer", "among equals, without a server"},
    CategoryRow{"print", "printers, scanners and fax"},
    CategoryRow{"proxy", "connections in the name of others"},
    CategoryRow{"remote", "work at another machine"},
    CategoryRow{"routing", "routers among themselves"},
    CategoryRow{"security", "keys, scanners and filters"},
    CategoryRow{"storage", "disks and objects over the network"},
    CategoryRow{"time", "clocks"},
    CategoryRow{"virtual", "virtual machines"},
    CategoryRow{"voice", "calls and conferences"},
    CategoryRow{"vpn", "tunnels"},
    CategoryRow{"web", "web pages and programs used by a browser"},
};
static_assert(std::ranges::is_sorted(kCategories, {}, &CategoryRow::name));

constexpr std::string_view kOfUsers = "x-";

}  // namespace

std::span<const CategoryRow> categories() { return kCategories; }

bool is_category(std::string_view name) {
  return (name.starts_with(kOfUsers) && name.size() > kOfUsers.size() && is_name(name)) ||
         std::ranges::binary_search(kCategories, name, {}, &CategoryRow::name);
}

std::optional<std::string> nearest_category(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CategoryRow& row : kCategories) names.push_back(row.name);
  return base::nearest(name, names);
}

}  // namespace vuurmuur::config
