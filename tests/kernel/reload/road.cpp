// SPDX-License-Identifier: GPL-2.0-or-later
#include "road.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "lab/run.h"

namespace vuurmuur::kernel_test {
namespace {

constexpr const char* kNearMac = "02:00:00:00:01:01";
constexpr const char* kFarMac = "02:00:00:00:02:01";
constexpr const char* kLanMac = "02:00:00:00:01:fe";
constexpr const char* kInetMac = "02:00:00:00:02:fe";

void connect(const lab::NetNamespace& machine, const lab::NetNamespace& firewall, const std::string& device,
             const char* own_mac, const char* firewall_mac) {
  const lab::Inside there(machine);
  lab::ip(
      fmt::format("link add {0} address {1} type veth peer name {2} address {3}\n"
                  "link set {2} netns /proc/{4}/fd/{5}\n"
                  "link set {0} up\n",
                  Road::kOwnDevice, own_mac, device, firewall_mac, ::getpid(), firewall.fd()));
}

/// Lines of /proc/net/dev: name, then 8 figures of what came in and 8 of what went out; the fourth of each is losses.
std::uint64_t dropped_in(const lab::NetNamespace& machine) {
  const lab::Inside there(machine);
  std::ifstream in("/proc/thread-self/net/dev");
  std::uint64_t dropped = 0;
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::istringstream figures(line.substr(colon + 1));
    std::uint64_t value = 0;
    for (int column = 0; figures >> value; ++column)
      if (column == 3 || column == 11) dropped += value;
  }
  return dropped;
}

}  // namespace

Road::Road() {
  connect(near_, firewall_, "lan0", kNearMac, kLanMac);
  connect(far_, firewall_, "inet0", kFarMac, kInetMac);
  const std::string own = kOwnDevice;
  {
    const lab::Inside there(near_);
    lab::ip("addr add 10.1.0.20/24 dev " + own + "\naddr add fd00:1::20/64 dev " + own + " nodad\n" +
            fmt::format("neigh add 10.1.0.1 dev {0} lladdr {1} nud permanent\n"
                        "neigh add fd00:1::1 dev {0} lladdr {1} nud permanent\n"
                        "route add default via 10.1.0.1\nroute add default via fd00:1::1\n",
                        own, kLanMac));
    lab::write_setting("net/ipv4/tcp_early_retrans", "0");
  }
  {
    const lab::Inside there(far_);
    lab::ip("addr add 203.0.113.1/24 dev " + own + "\naddr add 2001:db8:ff::1/64 dev " + own + " nodad\n" +
            fmt::format("neigh add 203.0.113.2 dev {0} lladdr {1} nud permanent\n"
                        "neigh add 2001:db8:ff::2 dev {0} lladdr {1} nud permanent\n"
                        "route add default via 203.0.113.2\nroute add default via 2001:db8:ff::2\n",
                        own, kInetMac));
    lab::write_setting("net/ipv4/tcp_early_retrans", "0");
  }
  const lab::Inside there(firewall_);
  for (const char* device : {"all", "lan0", "inet0"}) {
    lab::write_setting(fmt::format("net/ipv4/conf/{}/rp_filter", device), "0");
    lab::write_setting(fmt::format("net/ipv4/conf/{}/send_redirects", device), "0");
  }
  lab::write_setting("net/ipv4/ip_forward", "1");
  lab::write_setting("net/ipv6/conf/all/forwarding", "1");
  std::string lines =
      "link set lan0 up\nlink set inet0 up\n"
      "addr add 10.1.0.1/24 dev lan0\naddr add fd00:1::1/64 dev lan0 nodad\n"
      "addr add 203.0.113.2/24 dev inet0\naddr add 2001:db8:ff::2/64 dev inet0 nodad\n";
  for (const int host : {10, 11, 12, 13, 14, 15, 20}) {
    lines += fmt::format("neigh add 10.1.0.{} dev lan0 lladdr {} nud permanent\n", host, kNearMac);
    lines += fmt::format("neigh add fd00:1::{} dev lan0 lladdr {} nud permanent\n", host, kNearMac);
  }
  lines += fmt::format(
      "neigh add 203.0.113.1 dev inet0 lladdr {0} nud permanent\n"
      "neigh add 2001:db8:ff::1 dev inet0 lladdr {0} nud permanent\n"
      "route add default via 203.0.113.1\nroute add default via 2001:db8:ff::1\n",
      kFarMac);
  lab::ip(lines);
}

net::MacAddress Road::firewall_mac(Side side) const {
  return *net::MacAddress::parse(side == Side::Near ? kLanMac : kInetMac);
}

net::MacAddress Road::own_mac(Side side) const {
  return *net::MacAddress::parse(side == Side::Near ? kNearMac : kFarMac);
}

std::uint64_t Road::dropped_by_devices() const { return dropped_in(near_) + dropped_in(firewall_) + dropped_in(far_); }

Road& road() {
  static Road* const only = [] {
    lab::enter_laboratory();
    static Road made;
    return &made;
  }();
  return *only;
}

}  // namespace vuurmuur::kernel_test
