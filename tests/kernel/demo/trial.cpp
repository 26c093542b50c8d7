// SPDX-License-Identifier: GPL-2.0-or-later
#include "trial.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "lab/error.h"
#include "lab/packet.h"
#include "socket_address.h"

namespace vuurmuur::demo {
namespace {

/// Longer than any answer takes here, shorter than the first repetition of a SYN (RFC 6298: 1 second).
constexpr std::chrono::milliseconds kPatience{400};
constexpr std::uint16_t kEchoId = 4711, kClientPort = 33000;
constexpr std::string_view kQuestion = "are you there?";

net::Protocol protocol_of(const Trial& trial) {
  if (trial.protocol != net::Protocol::Icmp) return trial.protocol;
  return trial.family == net::Family::Ipv4 ? net::Protocol::Icmp : net::Protocol::Icmpv6;
}

int domain_of(net::Family family) { return family == net::Family::Ipv4 ? AF_INET : AF_INET6; }

/// One trial under way: the client's socket, the servers' ends and whoever else has to act meanwhile.
class Attempt {
 public:
  Attempt(const Trial& trial, Network& network, lab::QueueConsumer& queues)
      : trial_(trial),
        network_(network),
        queues_(queues),
        source_(network.address(trial.from, trial.family)),
        destination_(network.address(trial.to, trial.family)) {}

  Result run() {
    start();
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!finished_ && std::chrono::steady_clock::now() < deadline) step();
    hang_up();
    return result_;
  }

 private:
  bool is_tcp() const { return trial_.protocol == net::Protocol::Tcp; }
  bool is_ping() const { return trial_.protocol == net::Protocol::Icmp; }

  void start() {
    const lab::Inside there(network_.machine(network_.machine_of(trial_.from)).where);
    const int type = is_tcp() ? SOCK_STREAM : is_ping() ? SOCK_RAW : SOCK_DGRAM;
    errors_ = open_raw();
    client_ = base::UniqueFd(::socket(domain_of(trial_.family), type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                      is_ping() ? static_cast<int>(protocol_of(trial_)) : 0));
    if (!client_) throw lab::LabError::from_errno("open a client socket");
    const SocketAddress from(source_, 0), to(destination_, is_ping() ? std::uint16_t{0} : trial_.port);
    if (::bind(client_.get(), from.get(), from.size()) != 0)
      throw lab::LabError::from_errno("be " + source_.to_string());
    if (is_ping()) {
      send_echo(to);
    } else if (::connect(client_.get(), to.get(), to.size()) != 0 && errno != EINPROGRESS) {
      note_error(errno);
    } else if (!is_tcp() && ::send(client_.get(), kQuestion.data(), kQuestion.size(), 0) < 0) {
      note_error(errno);
    }
  }

  /// Hears ICMP that comes to the client. With IPv6 a connecting TCP socket does not tell of an error at once.
  base::UniqueFd open_raw() const {
    const auto protocol = trial_.family == net::Family::Ipv4 ? net::Protocol::Icmp : net::Protocol::Icmpv6;
    base::UniqueFd fd(
        ::socket(domain_of(trial_.family), SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, static_cast<int>(protocol)));
    const SocketAddress from(source_, 0);
    if (!fd || ::bind(fd.get(), from.get(), from.size()) != 0) throw lab::LabError::from_errno("hear ICMP");
    return fd;
  }

  void send_echo(const SocketAddress& to) {
    lab::Packet echo;
    echo.source = source_;
    echo.destination = destination_;
    echo.protocol = protocol_of(trial_);
    echo.icmp_type = trial_.family == net::Family::Ipv4 ? 8 : 128;
    echo.icmp_id = kEchoId;
    const lab::Bytes whole = lab::encode(echo);
    const std::size_t header = trial_.family == net::Family::Ipv4 ? 20 : 40;
    if (::sendto(client_.get(), whole.data() + header, whole.size() - header, 0, to.get(), to.size()) < 0)
      note_error(errno);
  }

  void finish(Result::Kind kind) {
    result_.kind = kind;
    finished_ = true;
  }

  /// An ICMP error or a reset is an error of the socket; a drop in OUTPUT (EPERM) is silence.
  void note_error(int error) { finish(error == EPERM ? Result::Kind::Silent : Result::Kind::Rejected); }

  /// Closes the connection and lets the queues' consumer see its end too.
  void hang_up() {
    constexpr int kQuietMs = 30;
    client_.reset();
    serve_queues();
    accepted_.reset();
    if (result_.queued_out.empty() && result_.queued_back.empty()) return;
    for (pollfd waiting{queues_.fd(), POLLIN, 0}; ::poll(&waiting, 1, kQuietMs) > 0;) serve_queues();
  }

  void step() {
    std::vector<pollfd> waiting{{queues_.fd(), POLLIN, 0}, {client_.get(), POLLIN, 0}, {errors_.get(), POLLIN, 0}};
    if (is_tcp() && !asked_) waiting[1].events = POLLOUT;
    if (accepted_) waiting.push_back({accepted_.get(), POLLIN, 0});
    for (auto& [name, machine] : network_.machines())
      for (const auto& fd : is_tcp() ? machine.tcp_listeners : machine.udp_servers)
        waiting.push_back({fd.get(), POLLIN, 0});
    ::poll(waiting.data(), waiting.size(), 20);
    if (waiting[0].revents != 0) serve_queues();
    for (std::size_t i = 3; i < waiting.size(); ++i)
      if (waiting[i].revents != 0) serve(waiting[i].fd);
    if (waiting[1].revents != 0) act_as_client(waiting[1].revents);
    if (waiting[2].revents != 0 && !finished_) hear_icmp(errors_.get());
  }

  void serve_queues() {
    for (const lab::Queued& queued : queues_.pending()) {
      ++(queued.packet.source == source_ ? result_.queued_out : result_.queued_back)[queued.queue];
      queues_.accept(queued);
    }
  }

  void serve(int fd) {
    std::array<char, 256> buffer;
    SocketAddress peer, own;
    if (accepted_ && fd == accepted_.get()) {
      const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (n > 0) ::send(fd, buffer.data(), static_cast<std::size_t>(n), MSG_NOSIGNAL);
      return;
    }
    ::getsockname(fd, own.get(), own.room());
    if (is_tcp()) {
      accepted_ = base::UniqueFd(::accept4(fd, peer.get(), peer.room(), SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!accepted_) return;
      own = SocketAddress();
      ::getsockname(accepted_.get(), own.get(), own.room());
    } else {
      const ssize_t n = ::recvfrom(fd, buffer.data(), buffer.size(), 0, peer.get(), peer.room());
      if (n < 0) return;
      ::sendto(fd, buffer.data(), static_cast<std::size_t>(n), 0, peer.get(), peer.size());
    }
    result_.client_seen = peer.address();
    result_.server_seen = own.address();
  }

  void act_as_client(short events) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(client_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return note_error(error);
    if (is_tcp() && !asked_) {
      asked_ = true;
      ::send(client_.get(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL);
      return;
    }
    if ((events & POLLIN) == 0) return;
    if (is_ping()) return hear_icmp(client_.get());
    std::array<std::uint8_t, 2048> buffer;
    const ssize_t n = ::recv(client_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0) return errno == EAGAIN ? void() : note_error(errno);
    finish(Result::Kind::Answered);
  }

  void hear_icmp(int fd) {
    std::array<std::uint8_t, 2048> buffer;
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n < 0) return;
    // A raw socket hears all of the machine's ICMP; with IPv4 the IP header is in front.
    const std::size_t header = trial_.family == net::Family::Ipv4 ? 20 : 0;
    if (static_cast<std::size_t>(n) < header + 8) return;
    const std::uint8_t type = buffer[header];
    if (type == (trial_.family == net::Family::Ipv4 ? 0 : 129)) finish(Result::Kind::Answered);
    if (type == (trial_.family == net::Family::Ipv4 ? 3 : 1)) finish(Result::Kind::Rejected);
  }

  const Trial& trial_;
  Network& network_;
  lab::QueueConsumer& queues_;
  net::Address source_, destination_;
  base::UniqueFd client_, errors_, accepted_;
  bool asked_ = false, finished_ = false;
  Result result_;
};

}  // namespace

reference::Answer expectation(const Trial& trial, const Network& network, reference::Interpreter& policy) {
  reference::Packet packet;
  packet.source = network.address(trial.from, trial.family);
  packet.destination = network.address(trial.to, trial.family);
  packet.in_device = network.device_of(network.machine_of(trial.from));
  if (packet.in_device.empty()) packet.out_device = network.world().device_towards(packet.destination);
  packet.protocol = protocol_of(trial);
  packet.source_port = kClientPort;
  packet.destination_port = trial.port;
  packet.tcp_flags = 2;
  packet.icmp_type = trial.family == net::Family::Ipv4 ? 8 : 128;
  return policy.first(packet);
}

Result carry_out(const Trial& trial, Network& network, lab::QueueConsumer& queues, lab::LogConsumer& logs) {
  (void)logs.records();
  Result result = Attempt(trial, network, queues).run();
  result.copied = static_cast<unsigned>(logs.records().size());
  return result;
}

}  // namespace vuurmuur::demo
