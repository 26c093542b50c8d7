// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/connection.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ipc/socket_address.h"

namespace vuurmuur::client {
namespace {

/// No answer of the daemon is longer: rulesets of 100,000 rules are some tens of megabytes.
constexpr std::size_t kLongestReply = 256u << 20;

}  // namespace

base::Result<std::unique_ptr<Connection>> Connection::open(base::PollLoop& loop, const std::string& path,
                                                           const ipc::Call& call, Callbacks callbacks) {
  const sockaddr_un address = VM_TRY(ipc::socket_address(path));
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // A Unix socket connects at once, or says that too many wait (EAGAIN, unix(7)).
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return base::system_error("connect to '" + path + "'", errno);
  std::unique_ptr<Connection> connection(
      new Connection(loop, std::move(socket), ipc::to_wire(call), std::move(callbacks)));
  connection->watch();
  return connection;
}

Connection::Connection(base::PollLoop& loop, base::UniqueFd socket, std::string output, Callbacks callbacks)
    : loop_(loop),
      socket_(std::move(socket)),
      output_(std::move(output)),
      callbacks_(std::move(callbacks)),
      reader_(kLongestReply) {}

Connection::~Connection() { close(); }

void Connection::watch() {
  const short events = static_cast<short>(POLLIN | (output_.empty() ? 0 : POLLOUT));
  loop_.watch(socket_.get(), events, [this](short happened) { on_ready(happened); });
}

void Connection::close() {
  if (!socket_) return;
  loop_.forget(socket_.get());
  socket_.reset();
}

void Connection::end(const std::string& reason) {
  close();
  callbacks_.on_end(reason);
}

bool Connection::send() {
  while (!output_.empty()) {
    const ssize_t sent = ::send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return true;
    if (sent < 0) return false;
    output_.erase(0, static_cast<std::size_t>(sent));
  }
  watch();
  return true;
}

void Connection::on_ready(short events) {
  if ((events & POLLOUT) != 0 && !output_.empty() && !send()) return end(std::strerror(errno));
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) receive();
}

void Connection::receive() {
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) {
    if (errno != EINTR && errno != EAGAIN) end(std::strerror(errno));
    return;
  }
  if (got == 0) return end("the daemon ended the connection");
  if (!reader_.add({buffer.data(), static_cast<std::size_t>(got)})) return end("the daemon's answer is too long");
  while (socket_) {
    const auto message = reader_.next();
    if (!message) return;
    const auto reply = ipc::reply_from(*message);
    if (!reply) return end(fmt::format("the daemon's answer cannot be read: {}", reply.error()));
    if (!reply->continues) close();
    callbacks_.on_reply(*reply);
  }
}

}  // namespace vuurmuur::client
