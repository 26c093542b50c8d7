// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/icmp_names.h"

#include <array>

namespace vuurmuur::screens {
namespace {

constexpr auto kV4 = net::Protocol::Icmp, kV6 = net::Protocol::Icmpv6;
constexpr std::nullopt_t kAll = std::nullopt;

constexpr std::array kNames{
    IcmpName{kV4, 0, kAll, "echo reply"},
    IcmpName{kV4, 3, kAll, "destination unreachable"},
    IcmpName{kV4, 3, 0, "network unreachable"},
    IcmpName{kV4, 3, 1, "host unreachable"},
    IcmpName{kV4, 3, 2, "protocol unreachable"},
    IcmpName{kV4, 3, 3, "port unreachable"},
    IcmpName{kV4, 3, 4, "fragmentation needed"},
    IcmpName{kV4, 3, 5, "source route failed"},
    IcmpName{kV4, 3, 6, "network unknown"},
    IcmpName{kV4, 3, 7, "host unknown"},
    IcmpName{kV4, 3, 9, "network administratively prohibited"},
    IcmpName{kV4, 3, 10, "host administratively prohibited"},
    IcmpName{kV4, 3, 13, "communication administratively prohibited"},
    IcmpName{kV4, 4, kAll, "source quench"},
    IcmpName{kV4, 5, kAll, "redirect"},
    IcmpName{kV4, 5, 0, "redirect for the network"},
    IcmpName{kV4, 5, 1, "redirect for the host"},
    IcmpName{kV4, 8, kAll, "echo request"},
    IcmpName{kV4, 9, kAll, "router advertisement"},
    IcmpName{kV4, 10, kAll, "router solicitation"},
    IcmpName{kV4, 11, kAll, "time exceeded"},
    IcmpName{kV4, 11, 0, "time to live exceeded in transit"},
    IcmpName{kV4, 11, 1, "fragment reassembly time exceeded"},
    IcmpName{kV4, 12, kAll, "parameter problem"},
    IcmpName{kV4, 13, kAll, "timestamp request"},
    IcmpName{kV4, 14, kAll, "timestamp reply"},
    IcmpName{kV4, 17, kAll, "address mask request"},
    IcmpName{kV4, 18, kAll, "address mask reply"},

    IcmpName{kV6, 1, kAll, "destination unreachable"},
    IcmpName{kV6, 1, 0, "no route to destination"},
    IcmpName{kV6, 1, 1, "administratively prohibited"},
    IcmpName{kV6, 1, 3, "address unreachable"},
    IcmpName{kV6, 1, 4, "port unreachable"},
    IcmpName{kV6, 2, kAll, "packet too big"},
    IcmpName{kV6, 3, kAll, "time exceeded"},
    IcmpName{kV6, 4, kAll, "parameter problem"},
    IcmpName{kV6, 128, kAll, "echo request"},
    IcmpName{kV6, 129, kAll, "echo reply"},
    IcmpName{kV6, 130, kAll, "multicast listener query"},
    IcmpName{kV6, 131, kAll, "multicast listener report"},
    IcmpName{kV6, 132, kAll, "multicast listener done"},
    IcmpName{kV6, 133, kAll, "router solicitation"},
    IcmpName{kV6, 134, kAll, "router advertisement"},
    IcmpName{kV6, 135, kAll, "neighbor solicitation"},
    IcmpName{kV6, 136, kAll, "neighbor advertisement"},
    IcmpName{kV6, 137, kAll, "redirect"},
    IcmpName{kV6, 143, kAll, "version 2 multicast listener report"},
};

}  // namespace

std::span<const IcmpName> icmp_names() { return kNames; }

}  // namespace vuurmuur::screens
