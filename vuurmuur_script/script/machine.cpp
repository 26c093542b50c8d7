// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/machine.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>

#include "net/address.h"

namespace vuurmuur::script {
namespace {

net::Address address_of(const sockaddr* address) {
  net::Address result;
  if (address->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(address);
    result.family = net::Family::Ipv4;
    std::memcpy(result.bytes.data(), &in->sin_addr, 4);
  } else {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(address);
    result.family = net::Family::Ipv6;
    std::memcpy(result.bytes.data(), &in->sin6_addr, 16);
  }
  return result;
}

/// Of a mask as the kernel gives it: ones, then zeros.
std::uint8_t length_of(const net::Address& mask) {
  int bits = 0;
  for (const std::uint8_t byte : mask.bytes) bits += std::popcount(byte);
  return static_cast<std::uint8_t>(bits);
}

std::string line_of(const ifaddrs& entry) {
  const net::Address address = address_of(entry.ifa_addr);
  const auto bits = static_cast<std::uint8_t>(net::address_bits(address.family));
  const std::uint8_t length = entry.ifa_netmask == nullptr ? bits : length_of(address_of(entry.ifa_netmask));
  const net::Prefix prefix{.address = address, .length = length};
  if (address.family == net::Family::Ipv6)
    return fmt::format("{} {} {} {}", entry.ifa_name, address.to_string(), prefix.length,
                       prefix.network().address.to_string());
  const bool has_broadcast = (entry.ifa_flags & IFF_BROADCAST) != 0 && entry.ifa_broadaddr != nullptr;
  return fmt::format("{} {} {} {} {} ", entry.ifa_name, address.to_string(), prefix.netmask().to_string(),
                     prefix.network().address.to_string(),
                     has_broadcast ? address_of(entry.ifa_broadaddr).to_string() : "0.0.0.0");
}

}  // namespace

ExitCode list_devices(Context& context) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return fail(context, base::system_error("list the network devices", errno).error());
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  for (const int family : {AF_INET, AF_INET6})
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next)
      if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == family) context.out << line_of(*entry) << '\n';
  return ExitCode::Done;
}

ExitCode list_paths(Context& context, const std::string& directory) {
  const std::array<std::pair<std::string_view, std::string>, 5> paths{{
      {"SYSCONFDIR", VUURMUUR_SYSCONF_DIR},
      {"VUURMUURCONFDIR", directory},
      {"CONFIGFILE", directory + "/config.conf"},
      {"PLUGINDIR", VUURMUUR_LIB_DIR},
      {"DATADIR", VUURMUUR_DATA_DIR},
  }};
  for (const auto& [name, path] : paths) context.out << fmt::format("{} {}\n", name, path);
  return ExitCode::Done;
}

}  // namespace vuurmuur::script
