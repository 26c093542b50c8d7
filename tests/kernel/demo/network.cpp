// SPDX-License-Identifier: GPL-2.0-or-later
#include "network.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "lab/error.h"
#include "lab/run.h"
#include "socket_address.h"

namespace vuurmuur::demo {
namespace {

constexpr const char* kWebsite[] = {"198.51.100.80", "2001:db8:500::80"};

/// The prefix of a zone's networks that an address of the firewall is in, or a usual length.
net::Prefix with_length(const model::Policy& policy, const std::string& zone, const net::Address& own) {
  net::Prefix found{own, static_cast<std::uint8_t>(own.family == net::Family::Ipv4 ? 24 : 64)};
  for (const model::Network& network : policy.networks)
    for (const auto& prefix : network.prefixes)
      if (network.zone == zone && prefix.value.family() == own.family && !prefix.value.is_any() &&
          prefix.value.contains(own))
        found.length = prefix.value.length;
  return found;
}

base::UniqueFd open_socket(const net::Address* bound_to, int type, std::uint16_t port) {
  const int domain = bound_to != nullptr && bound_to->family == net::Family::Ipv4 ? AF_INET : AF_INET6;
  base::UniqueFd fd(::socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1, off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (domain == AF_INET6)
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, bound_to == nullptr ? &off : &on, sizeof on);
  net::Address any;
  any.family = net::Family::Ipv6;
  const SocketAddress address(bound_to == nullptr ? any : *bound_to, port);
  if (::bind(fd.get(), address.get(), address.size()) != 0)
    throw lab::LabError::from_errno(fmt::format("serve port {}", port));
  return fd;
}

}  // namespace

Network::Network(const model::Policy& policy) {
  machines_["firewall"];
  for (const char* zone : {"lan", "dmz", "inet"}) add_segment(policy, zone);
  wait_until_up();
  start_servers();
}

void Network::add_segment(const model::Policy& policy, const std::string& zone) {
  const std::string device = zone + "0";
  Machine& firewall = machines_.at("firewall");
  Machine& machine = machines_[zone];
  std::string inside, outside = "link set eth0 up\n", routes;
  std::string mac;
  for (const model::Host& host : policy.hosts) {
    if (host.zone != zone) continue;
    if (host.mac && mac.empty()) mac = " address " + host.mac->to_string();
    for (const auto& address : host.addresses) {
      hosts_[host.full_name()].push_back(address.value);
      machine.addresses.push_back(address.value);
    }
  }
  if (zone == "inet") {
    for (const char* text : kWebsite) {
      hosts_["website"].push_back(*net::Address::parse(text));
      machine.addresses.push_back(*net::Address::parse(text));
    }
  }
  for (const model::Interface& interface : policy.interfaces) {
    if (interface.device.value != device) continue;
    for (const auto& address : interface.addresses) {
      const net::Prefix own = with_length(policy, zone, address.value);
      world_.devices[device].push_back(own);
      hosts_["firewall@" + device].push_back(own.address);
      firewall.addresses.push_back(own.address);
      const bool v6 = own.family() == net::Family::Ipv6;
      inside += fmt::format("addr add {} dev {}{}\n", own.to_string(), device, v6 ? " nodad" : "");
      // The other end's own address; as a router it is where everything else is.
      net::Prefix peer = own;
      peer.address.bytes[v6 ? 15 : 3] = 0xfa;
      outside += fmt::format("addr add {} dev eth0{}\n", peer.to_string(), v6 ? " nodad" : "");
      routes += fmt::format("{} route add default via {} dev eth0\n", v6 ? "-6" : "-4", own.address.to_string());
      if (zone != "inet") continue;
      inside += fmt::format("route add default via {} dev {}\n", peer.address.to_string(), device);
      world_.routes.push_back({*net::Prefix::parse(v6 ? "::/0" : "0.0.0.0/0"), device});
    }
  }
  for (const net::Address& address : machine.addresses)
    outside += fmt::format("addr add {} dev eth0{}\n", net::Prefix::host(address).to_string(),
                           address.family == net::Family::Ipv6 ? " nodad" : "");
  {
    const lab::Inside there(machine.where);
    const std::string self = fmt::format("/proc/{}/fd/{}", ::getpid(), firewall.where.fd());
    lab::ip(fmt::format("link add eth0{} type veth peer name {} netns {}\n", mac, device, self));
  }
  {
    const lab::Inside there(firewall.where);
    lab::ip(fmt::format("link set {} up\n", device));
    lab::ip(inside);
  }
  const lab::Inside there(machine.where);
  lab::ip(outside);
  for (std::size_t end = 0; (end = routes.find('\n')) != std::string::npos; routes.erase(0, end + 1)) {
    const bool v6 = routes[1] == '6';
    lab::run_ok({"ip", v6 ? "-6" : "-4", "-batch", "-"}, routes.substr(3, end - 2));
  }
}

/// A new device takes the kernel a moment, in which packets get lost.
void Network::wait_until_up() {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  for (const char* zone : {"lan", "dmz", "inet"}) {
    const lab::Inside there(machines_.at(zone).where);
    while (lab::run_ok({"ip", "-o", "link", "show", "eth0"}).find("state UP") == std::string::npos)
      if (Clock::now() > deadline) throw lab::LabError(std::string(zone) + " does not come up");
  }
}

void Network::start_servers() {
  for (auto& [name, machine] : machines_) {
    const lab::Inside there(machine.where);
    for (const std::uint16_t port : kTcpPorts) {
      machine.tcp_listeners.push_back(open_socket(nullptr, SOCK_STREAM, port));
      if (::listen(machine.tcp_listeners.back().get(), 16) != 0) throw lab::LabError::from_errno("listen");
    }
    for (const net::Address& address : machine.addresses)
      for (const std::uint16_t port : kUdpPorts) machine.udp_servers.push_back(open_socket(&address, SOCK_DGRAM, port));
  }
}

net::Address Network::address(const std::string& host, net::Family family) const {
  const auto& all = hosts_.at(host);
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const net::Address& address) { return address.family == family; });
  if (found == all.end()) throw lab::LabError("'" + host + "' has no address of the family");
  return *found;
}

std::string Network::machine_of(const std::string& host) const {
  if (host.starts_with("firewall@")) return "firewall";
  if (host == "website") return "inet";
  return host.substr(host.rfind('.') + 1);
}

}  // namespace vuurmuur::demo
