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
constexpr int kDeadlineMs = 5000, kRetryMs = 5;
constexpr const char* kSyncDevice = "sync0";
/// Its address in the firewall (link-local, RFC 3927).
net::Address sync_address() { return net::Address::ipv4(0xa9fe4d01); }

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

/// Asks who has an address, as a probe that no sender address goes with (RFC 5227), and with a hardware address that no
/// other request has, by which its answer is known.
Bytes arp_request(const net::MacAddress& to, const net::Address& who, std::uint32_t serial) {
  Bytes frame = ethernet(to, Wire::kHostMac, ETH_P_ARP);
  frame.insert(frame.end(), {0, 1, 8, 0, 6, 4, 0, 1, 2, 0});
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<std::uint8_t>(serial >> shift));
  frame.insert(frame.end(), 4 + 6, 0);
  frame.insert(frame.end(), who.bytes.begin(), who.bytes.begin() + 4);
  return frame;
}

/// Whether a frame answers the request: its hardware address is where the answer goes.
bool is_arp_answer(const Bytes& frame, std::uint32_t serial) {
  if (frame.size() < kEthernetHeader || (frame[12] << 8 | frame[13]) != ETH_P_ARP) return false;
  const std::uint32_t to = static_cast<std::uint32_t>(frame[2]) << 24 | static_cast<std::uint32_t>(frame[3]) << 16 |
                           static_cast<std::uint32_t>(frame[4]) << 8 | frame[5];
  return to == serial;
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
  {
    const Inside there(firewall);
    ip(std::string("link set ") + kSyncDevice + " up\naddr add " + sync_address().to_string() + "/30 dev " +
       kSyncDevice + "\n");
  }
  wait_until_up(kSyncDevice, sync_address());
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

std::optional<Wire::Frame> Wire::receive(int wait_ms) {
  Frame frame;
  frame.bytes.resize(65536);
  while (true) {
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const ssize_t n = ::recvfrom(socket_.get(), frame.bytes.data(), frame.bytes.size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &size);
    if (n >= 0) {
      frame.bytes.resize(static_cast<std::size_t>(n));
      frame.index = from.sll_ifindex;
      return frame;
    }
    if (errno != EAGAIN) throw LabError::from_errno("receive a frame");
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, wait_ms) == 0) return std::nullopt;
  }
}

void Wire::wait_until_up(const std::string& device, const net::Address& own) {
  const End& end = ends_.at(device);
  for (int waited = 0; waited < kDeadlineMs; waited += kRetryMs) {
    const std::uint32_t serial = ++serial_;
    send_frame(end.index, arp_request(end.firewall_mac, own, serial));
    while (const auto frame = receive(kRetryMs))
      if (frame->index == end.index && is_arp_answer(frame->bytes, serial)) return;
  }
  throw LabError(device + " does not come up");
}

std::vector<Seen> Wire::settle() {
  const End& sync = ends_.at(kSyncDevice);
  const std::uint32_t serial = ++serial_;
  send_frame(sync.index, arp_request(sync.firewall_mac, sync_address(), serial));
  std::vector<Seen> seen;
  while (const auto frame = receive(kDeadlineMs)) {
    const auto device = names_.find(frame->index);
    if (frame->bytes.size() < kEthernetHeader || device == names_.end()) continue;
    if (frame->index == sync.index && is_arp_answer(frame->bytes, serial)) return seen;
    const auto packet = decode(std::span(frame->bytes).subspan(kEthernetHeader));
    if (packet && !is_link_chatter(*packet)) seen.push_back({device->second, *packet});
  }
  throw LabError("the firewall does not answer ARP any more");
}

}  // namespace vuurmuur::lab
