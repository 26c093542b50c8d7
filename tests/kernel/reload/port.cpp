// SPDX-License-Identifier: GPL-2.0-or-later
#include "port.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "lab/error.h"

namespace vuurmuur::kernel_test {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic{'V', 'M', 'R', 'N'};
constexpr std::size_t kPayload = 4 + 2 + 1 + 8, kEthernetHeader = 14, kFrame = 256, kBatch = 64;

void keep_udp_only(int socket) {
  // Offsets in an Ethernet frame: type 12, protocol of IPv4 23, next header of IPv6 20.
  std::array<sock_filter, 8> code{{
      {BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, ETH_P_IP},
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, 23},
      {BPF_JMP | BPF_JEQ | BPF_K, 2, 3, IPPROTO_UDP},
      {BPF_LD | BPF_B | BPF_ABS, 0, 0, 20},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, IPPROTO_UDP},
      {BPF_RET | BPF_K, 0, 0, 0xffff},
      {BPF_RET | BPF_K, 0, 0, 0},
  }};
  const sock_fprog program{code.size(), code.data()};
  if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
    throw lab::LabError::from_errno("attach a socket filter");
}

lab::Bytes ethernet(const net::MacAddress& to, const net::MacAddress& from, std::uint16_t type) {
  lab::Bytes header(to.bytes.begin(), to.bytes.end());
  header.insert(header.end(), from.bytes.begin(), from.bytes.end());
  header.push_back(static_cast<std::uint8_t>(type >> 8));
  header.push_back(static_cast<std::uint8_t>(type));
  return header;
}

}  // namespace

lab::Bytes encode_number(const Number& number) {
  lab::Bytes payload(kMagic.begin(), kMagic.end());
  payload.push_back(static_cast<std::uint8_t>(number.stream >> 8));
  payload.push_back(static_cast<std::uint8_t>(number.stream));
  payload.push_back(number.is_answer ? 1 : 0);
  for (int shift = 56; shift >= 0; shift -= 8) payload.push_back(static_cast<std::uint8_t>(number.sequence >> shift));
  return payload;
}

std::optional<Number> decode_number(std::span<const std::uint8_t> payload) {
  if (payload.size() != kPayload || std::memcmp(payload.data(), kMagic.data(), kMagic.size()) != 0) return std::nullopt;
  Number number;
  number.stream = static_cast<std::uint16_t>(payload[4] << 8 | payload[5]);
  number.is_answer = payload[6] != 0;
  for (std::size_t i = 7; i < kPayload; ++i) number.sequence = number.sequence << 8 | payload[i];
  return number;
}

Port::Port(const Road& road, Side side) {
  const lab::Inside there(road.machine(side));
  socket_ = base::UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket_) throw lab::LabError::from_errno("open a packet socket");
  keep_udp_only(fd());
  const int on = 1, room = 64 << 20;
  if (::setsockopt(fd(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0)
    throw lab::LabError::from_errno("ignore outgoing packets");
  // As much room as the kernel allows: what overflows is counted.
  if (::setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(Road::kOwnDevice));
  if (::bind(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw lab::LabError::from_errno("bind a packet socket");
  header_[0] = ethernet(road.firewall_mac(side), road.own_mac(side), ETH_P_IP);
  header_[1] = ethernet(road.firewall_mac(side), road.own_mac(side), ETH_P_IPV6);
}

std::size_t Port::send(std::span<const lab::Packet> packets) {
  std::vector<lab::Bytes> frames;
  std::vector<iovec> parts(packets.size());
  std::vector<mmsghdr> messages(packets.size());
  frames.reserve(packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    lab::Bytes& frame = frames.emplace_back(header_[packets[i].family() == net::Family::Ipv4 ? 0 : 1]);
    const lab::Bytes body = lab::encode(packets[i]);
    frame.insert(frame.end(), body.begin(), body.end());
    parts[i] = {frame.data(), frame.size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  std::size_t done = 0, taken = 0;
  while (done < messages.size()) {
    const int n = ::sendmmsg(fd(), &messages[done], static_cast<unsigned>(messages.size() - done), 0);
    if (n < 0 && errno != ENOBUFS) throw lab::LabError::from_errno("send packets");
    // The device lost the first of them (packet(7): ENOBUFS).
    done += n < 0 ? 1 : static_cast<std::size_t>(n);
    taken += n < 0 ? 0 : static_cast<std::size_t>(n);
  }
  return taken;
}

void Port::receive(const std::function<void(const Number&, const lab::Packet&)>& take) {
  std::array<std::array<std::uint8_t, kFrame>, kBatch> buffers;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> messages;
  while (true) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {buffers[i].data(), kFrame};
      messages[i] = {};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int n = ::recvmmsg(fd(), messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0) throw lab::LabError::from_errno("receive packets");
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      const auto frame = std::span(buffers[i]).first(messages[i].msg_len);
      const auto packet = lab::decode(frame.subspan(kEthernetHeader));
      if (!packet) continue;
      if (const auto number = decode_number(packet->payload)) take(*number, *packet);
    }
    if (static_cast<std::size_t>(n) < kBatch) return;
  }
}

std::uint64_t Port::overflowed() {
  tpacket_stats stats{};
  socklen_t size = sizeof stats;
  if (::getsockopt(fd(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) != 0)
    throw lab::LabError::from_errno("read packet statistics");
  return stats.tp_drops;
}

}  // namespace vuurmuur::kernel_test
