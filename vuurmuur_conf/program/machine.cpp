// SPDX-License-Identifier: GPL-2.0-or-later
#include "program/machine.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "base/file_system.h"
#include "base/strings.h"

namespace vuurmuur::conf {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(std::move(word));
  return words;
}

template <class Use>
void for_each_line(const char* path, const Use& use) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) use(words_of(line));
}

/// Devices with a route to everywhere: "Iface Destination Gateway Flags … Mask" and, for IPv6, "Destination Length …
/// Device".
std::set<std::string> default_devices() {
  std::set<std::string> devices;
  for_each_line("/proc/net/route", [&devices](const std::vector<std::string>& words) {
    if (words.size() > 7 && words[1] == "00000000" && words[7] == "00000000") devices.insert(words[0]);
  });
  for_each_line("/proc/net/ipv6_route", [&devices](const std::vector<std::string>& words) {
    // Of loopback are the routes that refuse.
    if (words.size() > 9 && words[0] == std::string(32, '0') && words[1] == "00" && words[9] != "lo")
      devices.insert(words[9]);
  });
  return devices;
}

std::optional<net::Address> address_of(const sockaddr* socket) {
  net::Address address;
  if (socket == nullptr) return std::nullopt;
  if (socket->sa_family == AF_INET) {
    std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(socket)->sin_addr, 4);
    return address;
  }
  if (socket->sa_family != AF_INET6) return std::nullopt;
  const in6_addr& bytes = reinterpret_cast<const sockaddr_in6*>(socket)->sin6_addr;
  if (IN6_IS_ADDR_LINKLOCAL(&bytes)) return std::nullopt;
  address.family = net::Family::Ipv6;
  std::memcpy(address.bytes.data(), &bytes, 16);
  return address;
}

std::uint8_t length_of(const net::Address& mask) {
  int bits = 0;
  for (const std::uint8_t byte : mask.bytes) bits += std::popcount(byte);
  return static_cast<std::uint8_t>(bits);
}

std::vector<app::Device> devices() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  const std::set<std::string> with_route = default_devices();
  std::map<std::string, app::Device> by_name;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if ((entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
    app::Device& device = by_name[entry->ifa_name];
    device.name = entry->ifa_name;
    device.is_up = (entry->ifa_flags & IFF_UP) != 0;
    device.has_default_route = with_route.contains(device.name);
    const auto address = address_of(entry->ifa_addr);
    const auto mask = address_of(entry->ifa_netmask);
    if (!address || !mask) continue;
    device.addresses.push_back(*address);
    device.networks.push_back(net::Prefix{.address = *address, .length = length_of(*mask)}.network());
  }
  std::vector<app::Device> devices;
  for (auto& [name, device] : by_name) devices.push_back(std::move(device));
  return devices;
}

/// "0100007F:0016" and for IPv6 32 digits: whether it is an address of this machine alone, and the port.
void add_listeners(const char* path, bool is_udp, std::set<app::Listener>& listeners) {
  // The state of a TCP socket that listens, and of a UDP socket that is bound (enum in linux/tcp_states.h).
  const std::string wanted = is_udp ? "07" : "0A";
  for_each_line(path, [&](const std::vector<std::string>& words) {
    if (words.size() < 4 || words[3] != wanted) return;
    const auto parts = base::split(words[1], ':');
    if (parts.size() != 2) return;
    const bool is_loopback =
        (parts[0].size() == 8 && parts[0].ends_with("7F")) || parts[0] == "00000000000000000000000001000000";
    const auto port = base::parse_number<std::uint16_t>(parts[1], 16);
    // Those that the kernel hands out for a while are nobody's service (ip_local_port_range).
    constexpr std::uint16_t kEphemeral = 32768;
    if (is_loopback || !port || (is_udp && *port >= kEphemeral)) return;
    listeners.insert({.is_udp = is_udp, .port = *port});
  });
}

std::map<std::string, std::string> services_in(const std::string& directory) {
  const base::RealFileSystem files;
  std::map<std::string, std::string> services;
  const auto names = files.list_directory(directory);
  if (!names) return services;
  for (const std::string& name : *names)
    if (auto text = files.read_file(directory + "/" + name)) services[name] = std::move(*text);
  return services;
}

}  // namespace

app::Machine look_at_machine(const std::string& services) {
  std::set<app::Listener> listeners;
  add_listeners("/proc/net/tcp", false, listeners);
  add_listeners("/proc/net/tcp6", false, listeners);
  add_listeners("/proc/net/udp", true, listeners);
  add_listeners("/proc/net/udp6", true, listeners);
  return {.devices = devices(),
          .listeners = std::vector(listeners.begin(), listeners.end()),
          .services = services_in(services)};
}

}  // namespace vuurmuur::conf
