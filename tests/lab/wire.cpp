// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/wire.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "lab/error.h"
#include "lab/run.h"

namespace vuurmuur::lab {
namespace {

constexpr std::size_t kEthernetHeader = 14;
constexpr int kDeadlineMs = 5000;
constexpr const char* kSyncDevice = "sync0";
/// Addresses of the ARP exchange (link-local, RFC 3927): the firewall's and the asker's.
constexpr std::array<std::uint8_t, 4> kSyncFirewall{169, 254, 77, 1}, kSyncAsker{169, 254, 77, 2};

std::string far_end(const std::string& device) { return "w-" + device; }

net::MacAddress mac_of(int socket, const std::string& device) {
  ifreq request{};
  std::strncpy(request.ifr_name, device.c_str(), IFNAMSIZ - 1);
  if (::ioctl(socket, SIOCGIFHWADDR, &request) != 0) throw LabError::from_errno("read the address of " + device);
  net::MacAddress mac;
  std::memcpy(mac.bytes.data(), request.ifr_hwaddr.sa_data, 6);
  return mac;
}

Bytes ethernet(const net::MacAddress& to, const net::MacAddress& from, std::uint16_t type) {
  Bytes frame(to.bytes.begin(), to.bytes.end());
  frame.insert(frame.end(), from.bytes.begin(), from.bytes.end());
  frame.push_back(static_cast<std::uint8_t>(type >> 8));
  frame.push_back(static_cast<std::uint8_t>(type));
  return frame;
}

Bytes arp_request(const net::MacAddress& to) {
  Bytes frame = ethernet(to, Wire::kHostMac, ETH_P_ARP);
  frame.insert(frame.end(), {0, 1, 8, 0, 6, 4, 0, 1});
  frame.insert(frame.end(), Wire::kHostMac.bytes.begin(), Wire::kHostMac.bytes.end());
  frame.insert(frame.end(), kSyncAsker.begin(), kSyncAsker.end());
  frame.insert(frame.end(), 6, 0);
  frame.insert(frame.end(), kSyncFirewall.begin(), kSyncFirewall.end());
  return frame;
}

/// Neighbour discovery (RFC 4861: 133..137) and multicast listener messages (RFC 3810: 130..132, 143).
bool is_link_chatter(const Packet& packet) {
  if (packet.protocol != net::Protocol::Icmpv6) return false;
  return (packet.icmp_type >= 130 && packet.icmp_type <= 137) || packet.icmp_type == 143;
}

}  // namespace

Wire::Wire(const NetNamespace& firewall, const std::vector<std::string>& devices) {
  std::vector<std::string> all = devices;
  all.emplace_back(kSyncDevice);
  // A lab of its own namespaces has no other way to name them to "ip" than a process in them: us.
  {
    const Inside there(namespace_);
    write_setting("net/ipv6/conf/default/disable_ipv6", "1");
    const std::string process = std::to_string(::getpid());
    std::string lines;
    for (const std::string& device : all) {
      lines += "link add " + far_end(device) + " type veth peer name " + device + "\n";
      lines += "link set " + far_end(device) + " arp off up\n";
    }
    ip(lines);
    socket_ = base::UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)));
    if (!socket_) throw LabError::from_errno("open a packet socket");
    const int on = 1, room = 8 << 20;
    if (::setsockopt(socket_.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0)
      throw LabError::from_errno("ignore outgoing packets");
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    for (const std::string& device : all) {
      End end;
      end.index = static_cast<int>(::if_nametoindex(far_end(device).c_str()));
      end.firewall_mac = mac_of(socket_.get(), device);
      names_[end.index] = device;
      ends_[device] = end;
    }
    const std::string target = "/proc/" + process + "/fd/" + std::to_string(firewall.fd());
    lines.clear();
    for (const std::string& device : all) lines += "link set " + device + " netns " + target + "\n";
    ip(lines);
  }
  const Inside there(firewall);
  ip("link set sync0 up\naddr add 169.254.77.1/30 dev sync0\n");
}

void Wire::send_frame(int index, const Bytes& frame) {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = index;
  to.sll_halen = 6;
  if (::sendto(socket_.get(), frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0)
    throw LabError::from_errno("send a frame");
}

void Wire::send_bytes(const std::string& device, const Bytes& packet, const net::MacAddress& from) {
  const End& end = ends_.at(device);
  Bytes frame = ethernet(end.firewall_mac, from, packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
  frame.insert(frame.end(), packet.begin(), packet.end());
  send_frame(end.index, frame);
}

void Wire::send(const std::string& device, const Packet& packet, const net::MacAddress& from) {
  send_bytes(device, encode(packet), from);
}

std::vector<Seen> Wire::settle() {
  const End& sync = ends_.at(kSyncDevice);
  send_frame(sync.index, arp_request(sync.firewall_mac));
  std::vector<Seen> seen;
  while (true) {
    Bytes buffer(65536);
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const ssize_t n = ::recvfrom(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &size);
    if (n < 0 && errno != EAGAIN) throw LabError::from_errno("receive a frame");
    if (n < 0) {
      pollfd waiting{socket_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, kDeadlineMs) == 0) throw LabError("the firewall does not answer ARP any more");
      continue;
    }
    if (static_cast<std::size_t>(n) < kEthernetHeader) continue;
    const auto device = names_.find(from.sll_ifindex);
    if (device == names_.end()) continue;
    if (device->second == kSyncDevice && ntohs(from.sll_protocol) == ETH_P_ARP) return seen;
    const auto packet =
        decode(std::span(buffer).subspan(kEthernetHeader, static_cast<std::size_t>(n) - kEthernetHeader));
    if (packet && !is_link_chatter(*packet)) seen.push_back({device->second, *packet});
  }
}

}  // namespace vuurmuur::lab
