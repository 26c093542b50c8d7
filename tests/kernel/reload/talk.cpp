// SPDX-License-Identifier: GPL-2.0-or-later
#include "talk.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "lab/error.h"

namespace vuurmuur::kernel_test {
namespace {

constexpr int kDeadlineMs = 5000;
constexpr std::size_t kPiece = 256;
constexpr auto kInterval = std::chrono::milliseconds(2);

std::uint8_t byte_at(std::uint64_t position) { return static_cast<std::uint8_t>(position * 7 + (position >> 8)); }

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socket_address(net::Family family, std::uint16_t port) {
  SocketAddress out;
  if (family == net::Family::Ipv4) {
    auto& address = reinterpret_cast<sockaddr_in&>(out.storage);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, "203.0.113.1", &address.sin_addr);
    out.size = sizeof address;
  } else {
    auto& address = reinterpret_cast<sockaddr_in6&>(out.storage);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    ::inet_pton(AF_INET6, "2001:db8:ff::1", &address.sin6_addr);
    out.size = sizeof address;
  }
  return out;
}

base::UniqueFd open_socket(const lab::NetNamespace& where, net::Family family) {
  const lab::Inside there(where);
  base::UniqueFd fd(
      ::socket(family == net::Family::Ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) throw lab::LabError::from_errno("open a TCP socket");
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return fd;
}

void wait_for(int fd, short events, const char* what) {
  pollfd waiting{fd, events, 0};
  if (::poll(&waiting, 1, kDeadlineMs) != 1) throw lab::LabError(std::string("no TCP connection: ") + what);
}

std::uint64_t resent_by(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) throw lab::LabError::from_errno("read TCP_INFO");
  return info.tcpi_total_retrans;
}

bool is_harmless(ssize_t result) { return result < 0 && (errno == EAGAIN || errno == EINTR); }

}  // namespace

Talk::Talk(const Road& road, net::Family family, std::uint16_t port) {
  const SocketAddress address = socket_address(family, port);
  const base::UniqueFd listener = open_socket(road.machine(Side::Far), family);
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(listener.get(), 1) != 0)
    throw lab::LabError::from_errno("listen for TCP");
  client_ = open_socket(road.machine(Side::Near), family);
  if (::connect(client_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 &&
      errno != EINPROGRESS)
    throw lab::LabError::from_errno("connect by TCP");
  wait_for(listener.get(), POLLIN, "nobody comes");
  server_ = base::UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!server_) throw lab::LabError::from_errno("accept a TCP connection");
  wait_for(client_.get(), POLLOUT, "the client is not told");
  const int on = 1;
  ::setsockopt(server_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  last_heard_ = Clock::now();
}

void Talk::step(Clock::time_point now, bool may_send) {
  if (count_.is_broken) return;
  if (may_send && now - last_said_ >= kInterval) say(now);
  answer();
  hear(now);
}

void Talk::say(Clock::time_point now) {
  std::array<std::uint8_t, kPiece> piece;
  for (std::size_t i = 0; i < kPiece; ++i) piece[i] = byte_at(count_.bytes_sent + i);
  // A gap is counted from the sending, so that a pause of the sender is none.
  if (has_all_back()) last_heard_ = now;
  const ssize_t n = ::send(client_.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
  if (n > 0) count_.bytes_sent += static_cast<std::uint64_t>(n);
  if (n < 0 && !is_harmless(n)) count_.is_broken = true;
  last_said_ = now;
}

void Talk::answer() {
  std::array<std::uint8_t, 4096> buffer;
  const ssize_t n = ::recv(server_.get(), buffer.data(), buffer.size(), 0);
  if (is_harmless(n)) return;
  // The other end always reads, so there is always room.
  if (n <= 0 || ::send(server_.get(), buffer.data(), static_cast<std::size_t>(n), MSG_NOSIGNAL) != n)
    count_.is_broken = true;
}

void Talk::hear(Clock::time_point now) {
  std::array<std::uint8_t, 4096> buffer;
  const ssize_t n = ::recv(client_.get(), buffer.data(), buffer.size(), 0);
  if (is_harmless(n)) return;
  if (n <= 0) {
    count_.is_broken = true;
    return;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
    count_.is_broken |= buffer[i] != byte_at(count_.bytes_back + i);
  count_.bytes_back += static_cast<std::uint64_t>(n);
  const auto gap = std::chrono::duration_cast<std::chrono::microseconds>(now - last_heard_).count();
  count_.longest_gap_us = std::max(count_.longest_gap_us, static_cast<std::uint64_t>(gap));
  last_heard_ = now;
}

TalkCount Talk::count() const {
  TalkCount count = count_;
  count.resent = resent_by(client_.get()) + resent_by(server_.get());
  return count;
}

}  // namespace vuurmuur::kernel_test
