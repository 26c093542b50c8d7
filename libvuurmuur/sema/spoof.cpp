// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/spoof.h"

#include <array>

#include "base/assert.h"

namespace vuurmuur::sema {
namespace {

using model::Spoof;

struct SpoofRow {
  Spoof spoof;
  std::string_view word;
  std::string_view ipv4;
  std::string_view ipv6;  ///< empty: no counterpart
  bool ipv6_as_destination = true;
};

constexpr std::array kSpoofs{
    SpoofRow{Spoof::Loopback, "loopback", "127.0.0.0/8", "::1/128"},
    SpoofRow{Spoof::ClassA, "class-a", "10.0.0.0/8", "fc00::/7"},
    SpoofRow{Spoof::ClassB, "class-b", "172.16.0.0/12", "fc00::/7"},
    SpoofRow{Spoof::ClassC, "class-c", "192.168.0.0/16", "fc00::/7"},
    SpoofRow{Spoof::ClassD, "class-d", "224.0.0.0/4", "ff00::/8", false},
    SpoofRow{Spoof::ClassE, "class-e", "240.0.0.0/5", ""},
    SpoofRow{Spoof::TestNet, "test-net", "192.0.2.0/24", "2001:db8::/32"},
    SpoofRow{Spoof::LinkLocal, "lnk-loc-net", "169.254.0.0/16", ""},
    SpoofRow{Spoof::Iana0, "iana-0/8", "0.0.0.0/8", ""},
    SpoofRow{Spoof::BroadcastSource, "brdcst-src", "0.0.0.0/32", ""},
    SpoofRow{Spoof::BroadcastDestination, "brdcst-dst", "255.255.255.255/32", ""},
};

const SpoofRow& row_of(Spoof spoof) {
  for (const SpoofRow& row : kSpoofs)
    if (row.spoof == spoof) return row;
  VM_ASSERT(!"a kind of spoofing without a row");
  return kSpoofs.front();
}

}  // namespace

std::vector<SpoofRange> spoof_ranges(Spoof spoof, net::Family family) {
  const SpoofRow& row = row_of(spoof);
  const std::string_view text = family == net::Family::Ipv4 ? row.ipv4 : row.ipv6;
  if (text.empty()) return {};
  const auto prefix = net::Prefix::parse(text);
  VM_ASSERT(prefix.has_value());
  return {{*prefix, family == net::Family::Ipv4 || row.ipv6_as_destination}};
}

std::vector<Spoof> spoof_kinds() {
  std::vector<Spoof> kinds;
  for (const SpoofRow& row : kSpoofs) kinds.push_back(row.spoof);
  return kinds;
}

std::string_view spoof_word(Spoof spoof) { return row_of(spoof).word; }

}  // namespace vuurmuur::sema
