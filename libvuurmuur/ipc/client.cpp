// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "ipc/socket_address.h"

namespace vuurmuur::ipc {
namespace {

constexpr std::string_view kDoing = "ask the daemon";

}  // namespace

base::Result<Client> Client::connect(const std::string& path) {
  const sockaddr_un address = VM_TRY(socket_address(path));
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return base::system_error("connect to '" + path + "'", errno);
  return Client(std::move(socket));
}

base::Result<Reply> Client::call(const Call& call, std::chrono::milliseconds at_most) {
  VM_TRY_VOID(send(call));
  if (call.oneway) return Reply{};
  auto reply = VM_TRY(next(at_most));
  if (!reply) return base::system_error(kDoing, ETIMEDOUT);
  return std::move(*reply);
}

base::Result<void> Client::send(const Call& call) {
  std::string message = to_wire(call);
  while (!message.empty()) {
    const ssize_t sent = ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return base::system_error(kDoing, errno);
    message.erase(0, static_cast<std::size_t>(sent));
  }
  return {};
}

base::Result<std::optional<Reply>> Client::next(std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    if (const auto answer = reader_.next()) {
      auto reply = reply_from(*answer);
      if (!reply) return base::failure(std::string(kDoing) + ": " + reply.error());
      return std::move(*reply);
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(0, left.count()))) <= 0) {
      if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
      continue;
    }
    std::array<char, 65536> buffer;
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::system_error(kDoing, errno);
    if (got == 0) return base::system_error(kDoing, ECONNRESET);
    if (!reader_.add({buffer.data(), static_cast<std::size_t>(got)})) return base::system_error(kDoing, EMSGSIZE);
  }
}

}  // namespace vuurmuur::ipc
