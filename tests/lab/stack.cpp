// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/stack.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "lab/error.h"

namespace vuurmuur::lab {
namespace {

constexpr std::array kProtocols{net::Protocol::Icmp, net::Protocol::Tcp, net::Protocol::Udp, net::Protocol::Gre,
                                net::Protocol::Esp};
constexpr int kBacklog = 64;

base::UniqueFd open_socket(int domain, int type, int protocol) {
  base::UniqueFd fd(::socket(domain, type | SOCK_CLOEXEC, protocol));
  if (!fd) throw LabError::from_errno("open a socket");
  return fd;
}

void set_option(const base::UniqueFd& fd, int level, int option, int value) {
  if (::setsockopt(fd.get(), level, option, &value, sizeof value) != 0)
    throw LabError::from_errno("set a socket option");
}

/// The IPv6 header that a raw socket of that family leaves out, made again so that one decoder serves.
std::optional<Packet> decode_ipv6(std::span<const std::uint8_t> body, net::Protocol protocol, const sockaddr_in6& from,
                                  const in6_addr& to) {
  Bytes whole(40);
  whole[0] = 0x60;
  whole[4] = static_cast<std::uint8_t>(body.size() >> 8);
  whole[5] = static_cast<std::uint8_t>(body.size());
  whole[6] = static_cast<std::uint8_t>(protocol);
  std::memcpy(&whole[8], &from.sin6_addr, 16);
  std::memcpy(&whole[24], &to, 16);
  whole.insert(whole.end(), body.begin(), body.end());
  return decode(whole);
}

bool is_link_chatter(const Packet& packet) {
  return packet.protocol == net::Protocol::Icmpv6 && packet.icmp_type >= 130 && packet.icmp_type <= 143;
}

}  // namespace

Stack::Stack(const NetNamespace& firewall) : namespace_(firewall) {
  const Inside there(firewall);
  for (const net::Protocol protocol : kProtocols) {
    receivers_.push_back({net::Family::Ipv4, protocol, open_socket(AF_INET, SOCK_RAW, static_cast<int>(protocol))});
    const auto v6 = protocol == net::Protocol::Icmp ? net::Protocol::Icmpv6 : protocol;
    receivers_.push_back({net::Family::Ipv6, v6, open_socket(AF_INET6, SOCK_RAW, static_cast<int>(v6))});
    set_option(receivers_.back().socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }
}

std::vector<Packet> Stack::received() {
  std::vector<Packet> all;
  for (const Receiver& receiver : receivers_) {
    while (true) {
      std::array<std::uint8_t, 65536> buffer;
      alignas(cmsghdr) std::array<char, 256> control;
      sockaddr_in6 from{};
      iovec data{buffer.data(), buffer.size()};
      msghdr message{};
      message.msg_name = &from;
      message.msg_namelen = sizeof from;
      message.msg_iov = &data;
      message.msg_iovlen = 1;
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      const ssize_t n = ::recvmsg(receiver.socket.get(), &message, MSG_DONTWAIT);
      if (n < 0) break;
      const auto bytes = std::span(buffer).first(static_cast<std::size_t>(n));
      std::optional<Packet> packet;
      if (receiver.family == net::Family::Ipv4) {
        packet = decode(bytes);
      } else {
        in6_pktinfo info{};
        for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c))
          if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
            std::memcpy(&info, CMSG_DATA(c), sizeof info);
        packet = decode_ipv6(bytes, receiver.protocol, from, info.ipi6_addr);
      }
      if (packet && !is_link_chatter(*packet)) all.push_back(*packet);
    }
  }
  return all;
}

void Stack::send(const Packet& packet, const std::string& device) {
  const Inside there(namespace_);
  const bool v4 = packet.family() == net::Family::Ipv4;
  const base::UniqueFd fd = open_socket(v4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_RAW);
  set_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
  if (!device.empty() && ::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                                      static_cast<socklen_t>(device.size() + 1)) != 0)
    throw LabError::from_errno("bind to " + device);
  const Bytes bytes = encode(packet);
  ssize_t sent = 0;
  if (v4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, packet.destination.bytes.data(), 4);
    sent = ::sendto(fd.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  } else {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    std::memcpy(&to.sin6_addr, packet.destination.bytes.data(), 16);
    sent = ::sendto(fd.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  // A drop in OUTPUT is EPERM, a reject there gives the error that it answers with.
  if (sent < 0 && errno != EPERM && errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != ENETUNREACH &&
      errno != EACCES)
    throw LabError::from_errno("send " + packet.to_string());
}

base::UniqueFd Stack::open_listener(std::uint16_t port) {
  const Inside there(namespace_);
  base::UniqueFd fd = open_socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
  set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), kBacklog) != 0)
    throw LabError::from_errno("listen on port " + std::to_string(port));
  return fd;
}

void Stack::listen(std::uint16_t port) { listeners_.push_back(open_listener(port)); }

void Stack::swallow(std::uint16_t port) {
  base::UniqueFd fd = open_listener(port);
  // A socket filter that keeps nothing (socket(7), SO_ATTACH_FILTER): neither a reset nor an acceptance goes out.
  sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &nothing};
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
    throw LabError::from_errno("attach a socket filter");
  listeners_.push_back(std::move(fd));
}

}  // namespace vuurmuur::lab
