// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/helpers.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/nearest.h"

namespace vuurmuur::sema {
namespace {

struct HelperRow {
  std::string_view name;
  bool tcp, udp;
  bool ipv6;
};

constexpr std::array kHelpers{
    HelperRow{"amanda", false, true, true},      HelperRow{"ftp", true, false, true},
    HelperRow{"H.245", false, true, true},       HelperRow{"Q.931", true, false, true},
    HelperRow{"RAS", false, true, true},         HelperRow{"irc", true, false, false},
    HelperRow{"netbios-ns", false, true, false}, HelperRow{"pptp", true, false, false},
    HelperRow{"sane", true, false, true},        HelperRow{"sip", true, true, true},
    HelperRow{"snmp", false, true, false},       HelperRow{"tftp", false, true, true},
};

const HelperRow* find(std::string_view helper) {
  const auto row = std::ranges::find(kHelpers, helper, &HelperRow::name);
  return row == kHelpers.end() ? nullptr : &*row;
}

}  // namespace

bool helper_serves(std::string_view helper, net::Family family, net::Protocol protocol) {
  if (!net::has_ports(protocol)) return false;
  const HelperRow* row = find(helper);
  if (!row) return true;
  if (family == net::Family::Ipv6 && !row->ipv6) return false;
  return protocol == net::Protocol::Tcp ? row->tcp : row->udp;
}

bool is_known_helper(std::string_view helper) { return find(helper) != nullptr; }

std::optional<std::string> nearest_helper(std::string_view helper) {
  std::vector<std::string_view> names;
  for (const HelperRow& row : kHelpers) names.push_back(row.name);
  return base::nearest(helper, names);
}

}  // namespace vuurmuur::sema
