// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/gateway.h"

#include <fmt/format.h>

#include "lab/run.h"

namespace vuurmuur::lab {
namespace {

std::vector<std::string> names_of(const std::vector<Device>& devices) {
  std::vector<std::string> names;
  for (const Device& device : devices) names.push_back(device.name);
  return names;
}

/// The network of an address with another last byte.
net::Address neighbour(const net::Prefix& own, std::uint8_t last) {
  net::Address address = own.network().address;
  address.bytes[address.family == net::Family::Ipv4 ? 3 : 15] = last;
  return address;
}

}  // namespace

std::vector<Device> gateway_devices() {
  const auto prefix = [](const char* text) { return *net::Prefix::parse(text); };
  return {
      {"lan0", {prefix("10.1.0.1/24"), prefix("fd00:1::1/64")}},
      {"lan1", {prefix("10.2.0.1/24"), prefix("fd00:2::1/64")}},
      {"dmz0", {prefix("10.3.0.1/24"), prefix("2001:db8:3::1/64")}},
      {"inet0", {prefix("203.0.113.2/24"), prefix("2001:db8:ff::2/64")}},
  };
}

Gateway::Gateway()
    : devices_(gateway_devices()),
      wire(firewall_, names_of(devices_)),
      stack(firewall_),
      queues(firewall_),
      logs(firewall_),
      conntrack(firewall_) {
  const Inside there(firewall_);
  write_setting("net/ipv4/ip_forward", "1");
  write_setting("net/ipv6/conf/all/forwarding", "1");
  write_setting("net/ipv4/conf/all/rp_filter", "0");
  write_setting("net/ipv4/conf/all/send_redirects", "0");
  // ICMP errors are limited by default, and then a REJECT looks like a DROP: limit none of IPv4's types, and of IPv6's
  // one that nobody sends.
  write_setting("net/ipv4/icmp_ratemask", "0");
  write_setting("net/ipv6/icmp/ratemask", "200");
  std::string lines;
  const std::string mac = Wire::kHostMac.to_string();
  for (const Device& device : devices_) {
    write_setting("net/ipv4/conf/" + device.name + "/rp_filter", "0");
    write_setting("net/ipv4/conf/" + device.name + "/send_redirects", "0");
    write_setting("net/ipv6/conf/" + device.name + "/accept_dad", "0");
    lines += fmt::format("link set {} up\n", device.name);
    for (const net::Prefix& own : device.addresses) {
      const bool v6 = own.family() == net::Family::Ipv6;
      lines += fmt::format("addr add {} dev {} {}\n", own.to_string(), device.name, v6 ? "nodad" : "brd +");
      for (unsigned last = 0x10; last <= 0x15; ++last) {
        // The IPv4 hosts count in decimal: .10 to .15.
        const auto byte = static_cast<std::uint8_t>(v6 ? last : last - 6);
        lines += fmt::format("neigh add {} dev {} lladdr {} nud permanent\n", neighbour(own, byte).to_string(),
                             device.name, mac);
      }
    }
  }
  for (const net::Prefix& own : devices_.back().addresses) {
    const std::string router = neighbour(own, 1).to_string();
    lines += fmt::format("neigh add {} dev inet0 lladdr {} nud permanent\n", router, mac);
    lines += fmt::format("route add default via {} dev inet0\n", router);
  }
  ip(lines);
  for (const Device& device : devices_) wire.wait_until_up(device.name, device.addresses.front().address);
}

}  // namespace vuurmuur::lab
