// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet_path.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "lab/error.h"
#include "lab/run.h"
#include "probes.h"

namespace vuurmuur::bench {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kIp = 14, kUdp = kIp + 20;  // where the headers begin

using Mac = std::array<std::uint8_t, 6>;

/// Locally administered addresses: of the router's devices, and of hosts that are not there.
Mac mac(std::uint8_t what, unsigned number) {
  return {2, 0, what, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

std::string to_string(const Mac& mac) { return fmt::format("{:02x}", fmt::join(mac, ":")); }

void put16(std::uint8_t* where, std::uint16_t value) {
  where[0] = static_cast<std::uint8_t>(value >> 8);
  where[1] = static_cast<std::uint8_t>(value);
}

void put32(std::uint8_t* where, std::uint32_t value) {
  put16(where, static_cast<std::uint16_t>(value >> 16));
  put16(where + 2, static_cast<std::uint16_t>(value));
}

/// RFC 1071, of the IP header.
std::uint16_t checksum(const std::uint8_t* header) {
  std::uint32_t sum = 0;
  for (int i = 0; i < 20; i += 2) sum += static_cast<std::uint32_t>(header[i] << 8 | header[i + 1]);
  sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(~(sum + (sum >> 16)));
}

Frame udp_frame(const Mac& to, std::uint32_t source, std::uint32_t destination, std::uint16_t source_port,
                std::uint16_t destination_port) {
  Frame frame{};
  std::ranges::copy(to, frame.begin());
  std::ranges::copy(mac(0xee, 0), frame.begin() + 6);
  put16(&frame[12], ETH_P_IP);
  frame[kIp] = 0x45;
  put16(&frame[kIp + 2], sizeof(Frame) - kIp);
  frame[kIp + 8] = 64;  // hop limit
  frame[kIp + 9] = IPPROTO_UDP;
  put32(&frame[kIp + 12], source);
  put32(&frame[kIp + 16], destination);
  put16(&frame[kIp + 10], checksum(&frame[kIp]));
  put16(&frame[kUdp], source_port);
  put16(&frame[kUdp + 2], destination_port);
  put16(&frame[kUdp + 4], sizeof(Frame) - kUdp);  // the checksum stays 0: none (RFC 768)
  return frame;
}

/// The packet's two ends exchanged, sent to another device.
Frame answer(Frame frame, const Mac& to) {
  std::ranges::copy(to, frame.begin());
  std::swap_ranges(&frame[kIp + 12], &frame[kIp + 16], &frame[kIp + 16]);
  std::swap_ranges(&frame[kUdp], &frame[kUdp + 2], &frame[kUdp + 2]);
  return frame;
}

std::chrono::nanoseconds clock_now(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// How long the thread has waited for its processor while it could have run (Documentation/scheduler/sched-stats.rst).
std::chrono::nanoseconds time_waited() {
  std::ifstream file("/proc/thread-self/schedstat");
  std::uint64_t ran = 0, waited = 0;
  file >> ran >> waited;
  return std::chrono::nanoseconds(waited);
}

/// Processor time of this thread with that of the soft interrupts in its system calls. A kernel with
/// CONFIG_IRQ_TIME_ACCOUNTING books the latter elsewhere; there it is what is missing between the time that passed and
/// the thread's own and its waiting.
class ProcessorClock {
 public:
  /// What the thread was booked since the start.
  [[nodiscard]] std::chrono::nanoseconds booked() const { return clock_now(CLOCK_THREAD_CPUTIME_ID) - booked_; }
  [[nodiscard]] std::chrono::nanoseconds spent() const {
    const auto own = booked();
    const auto unbooked = clock_now(CLOCK_MONOTONIC) - begin_ - (time_waited() - waited_) - own;
    // Less than this is interrupts that have nothing to do with us, and the hypervisor.
    return unbooked > own / 2 ? own + unbooked : own;
  }

 private:
  std::chrono::nanoseconds begin_ = clock_now(CLOCK_MONOTONIC);
  std::chrono::nanoseconds waited_ = time_waited();
  std::chrono::nanoseconds booked_ = clock_now(CLOCK_THREAD_CPUTIME_ID);
};

/// One system call's worth of frames; how many went out.
std::size_t send_batch(int socket, std::span<const Frame> frames, std::size_t& next) {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts;
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts[i] = {const_cast<std::uint8_t*>(frames[(next + i) % frames.size()].data()), sizeof(Frame)};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = ::sendmmsg(socket, messages.data(), kBatch, 0);
  if (sent < 0 && errno != ENOBUFS && errno != EINTR) throw lab::LabError::from_errno("send frames");
  const std::size_t count = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  next = (next + count) % frames.size();
  return count;
}

void send_one(int socket, const Frame& frame) {
  if (::send(socket, frame.data(), frame.size(), 0) < 0) throw lab::LabError::from_errno("send a frame");
}

}  // namespace

PacketPath::PacketPath(const lab::NetNamespace& hosts, unsigned number)
    : hosts_(hosts),
      sender_(fmt::format("s{}", number)),
      sink_(fmt::format("d{}", number)),
      eth0_(mac(0, number)),
      eth1_(mac(1, number)) {
  {
    const lab::Inside there(hosts_);
    lab::write_setting("net/ipv6/conf/default/disable_ipv6", "1");
    // A namespace has no other name for "ip" than a process in it: us.
    const std::string target = fmt::format("/proc/{}/fd/{}", ::getpid(), router_.fd());
    std::string lines;
    for (const auto& [far, near, address] : {std::tuple{sender_, "eth0", eth0_}, std::tuple{sink_, "eth1", eth1_}})
      lines += fmt::format(
          "link add {0} type veth peer name r{0} address {1}\nlink set r{0} netns {2} name {3}\n"
          "link set {0} arp off up\n",
          far, to_string(address), target, near);
    lab::ip(lines);
    sender_socket_ = open_socket(sender_);
    sink_socket_ = open_socket(sink_);
  }
  const lab::Inside there(router_);
  // Its router solicitations would be counted as delivered.
  lab::write_setting("net/ipv6/conf/all/disable_ipv6", "1");
  lab::ip(
      fmt::format("link set eth0 up\nlink set eth1 up\naddr add 10.0.0.1/24 dev eth0\naddr add 10.1.1.1/24 dev eth1\n"
                  "neigh add 10.0.0.10 dev eth0 lladdr {0} nud permanent\n"
                  "neigh add 10.1.1.10 dev eth1 lladdr {0} nud permanent\n",
                  to_string(mac(0xff, number))));
  lab::write_setting("net/ipv4/ip_forward", "1");
  for (const char* device : {"all", "eth0", "eth1"})
    lab::write_setting(fmt::format("net/ipv4/conf/{}/rp_filter", device), "0");
}

base::UniqueFd PacketPath::open_socket(const std::string& device) const {
  // Protocol 0: it sends, and sees nothing of what comes.
  base::UniqueFd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket) throw lab::LabError::from_errno("open a packet socket");
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_ifindex = static_cast<int>(::if_nametoindex(device.c_str()));
  const int on = 1, room = 16 << 20;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      ::setsockopt(socket.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0)
    throw lab::LabError::from_errno("bind a packet socket to " + device);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  return socket;
}

std::vector<Frame> PacketPath::frames(std::span<const std::uint16_t> destination_ports, unsigned source_ports) const {
  std::vector<Frame> all;
  for (unsigned i = 0; i < source_ports; ++i)
    for (const std::uint16_t port : destination_ports)
      all.push_back(udp_frame(eth0_, kProbeSource, kProbeDestination, static_cast<std::uint16_t>(30000 + i), port));
  return all;
}

Spell PacketPath::send(std::span<const Frame> frames, std::chrono::nanoseconds processor_time) {
  next_ %= frames.size();
  Spell spell;
  const std::uint64_t before = count_delivered();
  const ProcessorClock clock;
  while (clock.booked() < processor_time) spell.sent += send_batch(sender_socket_.get(), frames, next_);
  spell.ns_per_packet = static_cast<double>(clock.spent().count()) / static_cast<double>(spell.sent);
  spell.delivered = count_delivered() - before;
  return spell;
}

void PacketPath::open_flows(std::span<const Frame> frames) {
  for (const Frame& frame : frames) {
    send_one(sender_socket_.get(), frame);
    send_one(sink_socket_.get(), answer(frame, eth1_));
  }
}

std::uint64_t PacketPath::count_delivered() const {
  const lab::Inside there(hosts_);
  std::ifstream file("/proc/thread-self/net/dev");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    const std::size_t name = line.find_first_not_of(' ');
    if (colon == std::string::npos || line.substr(name, colon - name) != sink_) continue;
    std::uint64_t bytes = 0, packets = 0;
    if (std::sscanf(line.c_str() + colon + 1, "%lu %lu", &bytes, &packets) == 2) return packets;
  }
  throw lab::LabError("device " + sink_ + " has no counters");
}

}  // namespace vuurmuur::bench
