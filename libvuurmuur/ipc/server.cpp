// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "ipc/socket_address.h"

namespace vuurmuur::ipc {
namespace {

constexpr int kBacklog = 64;

/// Whoever has to confirm what took long to load is not kept from it.
constexpr std::int64_t kLongestRest = 1'000'000'000;

bool is_again(int code) { return code == EAGAIN || code == EWOULDBLOCK || code == EINTR; }

/// Has the turn to make a socket at a path: whoever looks whether the one that is there is in use does so before the other has
/// put his in its place, or behind it. The file stays, for a lock that is removed is two locks for somebody.
base::Result<base::UniqueFd> take_turn(const std::string& path) {
  const std::string lock = path + ".lock";
  base::UniqueFd turn(::open(lock.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!turn) return base::system_error("open lock file '" + lock + "'", errno);
  while (::flock(turn.get(), LOCK_EX) != 0)
    if (errno != EINTR) return base::system_error("lock '" + lock + "'", errno);
  return turn;
}

/// Whether somebody answers at a path.
bool has_listener(const sockaddr_un& address) {
  const base::UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return probe && (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
                   errno == EAGAIN);
}

}  // namespace

Server::Server(base::PollLoop& loop, Handler handler, Limits limits)
    : loop_(loop), handler_(std::move(handler)), limits_(limits) {}

Server::~Server() {
  while (!clients_.empty()) close(clients_.begin()->first);
  if (socket_) loop_.forget(socket_.get());
  if (!path_.empty()) ::unlink(path_.c_str());
}

base::Result<void> Server::listen(const std::string& path, mode_t mode) {
  const std::string doing = "listen at '" + path + "'";
  const sockaddr_un address = VM_TRY(socket_address(path));
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return base::system_error(doing, errno);
  const base::UniqueFd turn = VM_TRY(take_turn(path));
  const auto bind = [&] { return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address); };
  if (bind() != 0) {
    if (errno != EADDRINUSE || has_listener(address)) return base::system_error(doing, errno == 0 ? EADDRINUSE : errno);
    ::unlink(path.c_str());
    if (bind() != 0) return base::system_error(doing, errno);
  }
  path_ = path;
  if (::chmod(path.c_str(), mode) != 0 || ::listen(socket.get(), kBacklog) != 0) return base::system_error(doing, errno);
  return listen(std::move(socket));
}

base::Result<void> Server::listen(base::UniqueFd socket) {
  // One that a service manager made waits for clients by itself (systemd.socket(5)); here the loop waits for all.
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return base::system_error("take the socket over", errno);
  socket_ = std::move(socket);
  loop_.watch(socket_.get(), POLLIN, [this](short) { accept_all(); });
  return {};
}

void Server::accept_all() {
  for (;;) {
    base::UniqueFd accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return;
    }
    auto peer = peer_of(accepted.get());
    if (!peer || !has_room_for(*peer)) continue;
    const int fd = accepted.get();
    auto client = std::make_unique<Client>(Client{.id = ClientId{++last_id_},
                                                  .socket = std::move(accepted),
                                                  .peer = std::move(*peer),
                                                  .reader = MessageReader(limits_.request_bytes),
                                                  .output = {},
                                                  .tokens = static_cast<double>(limits_.calls_burst),
                                                  .last_refill = base::boottime(),
                                                  .timeout = {}});
    watch(*client);
    clients_.emplace(fd, std::move(client));
  }
}

bool Server::has_room_for(const Peer& peer) const {
  // Others cannot keep root out.
  if (peer.uid == 0) return clients_.size() < limits_.clients * 2;
  if (clients_.size() >= limits_.clients) return false;
  const auto own = std::ranges::count_if(clients_, [&](const auto& each) { return each.second->peer.uid == peer.uid; });
  return static_cast<std::size_t>(own) < limits_.clients_of_one_user;
}

void Server::watch(Client& client) {
  const int fd = client.socket.get();
  // Who does not fetch what he asked for, or asks too fast, is not listened to meanwhile.
  short events = client.output.empty() && !client.is_stopped && !client.is_told ? POLLIN : 0;
  if (!client.output.empty()) events |= POLLOUT;
  loop_.watch(fd, events, [this, fd](short happened) { on_ready(fd, happened); });
}

void Server::on_ready(int fd, short events) {
  Client& client = *clients_.at(fd);
  bool is_good = (events & (POLLERR | POLLNVAL)) == 0;
  if (is_good && (events & POLLOUT) != 0) is_good = send(client);
  if (is_good && (events & (POLLIN | POLLHUP)) != 0) is_good = receive(client);
  if (is_good) is_good = answer_calls(client);
  if (is_good)
    watch(client);
  else
    close(fd);
}

bool Server::receive(Client& client) {
  std::array<char, 65536> buffer;
  // One read a round: others have their turn before the next.
  const ssize_t got = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return is_again(errno);
  if (got == 0) return false;
  return client.reader.add({buffer.data(), static_cast<std::size_t>(got)});
}

bool Server::answer_calls(Client& client) {
  const std::int64_t end = base::boottime() + std::chrono::nanoseconds(limits_.turn).count();
  while (client.output.empty() && !client.is_stopped && !client.is_told) {
    if (const std::int64_t rest = rest_of(client); rest > 0) {
      pause(client, std::chrono::nanoseconds(rest));
      return true;
    }
    if (!take_token(client)) {
      pause(client, std::chrono::milliseconds(1000 / std::max(1u, limits_.calls_per_second) + 1));
      return true;
    }
    const auto message = client.reader.next();
    if (!message) {
      client.tokens += 1;
      break;
    }
    const auto call = call_from(*message);
    if (!call) return false;
    const std::int64_t begin = base::boottime();
    const std::optional<Reply> reply = handler_(client.peer, *call, client.id);
    if (!call->oneway) {
      client.is_told = !reply || reply->continues;
      if (reply) client.output = to_wire(*reply);
      if (client.output.size() > limits_.waiting_bytes) {
        client.output = to_wire(limits_.too_long);
        client.is_told = false;
      }
      if (!send(client)) return false;
    }
    note_turn(client, begin);
    if (base::boottime() > end) {
      pause(client, std::chrono::nanoseconds(0));
      return true;
    }
  }
  const bool is_waiting =
      client.reader.is_in_message() && client.output.empty() && !client.is_stopped && !client.is_told;
  if (!is_waiting && client.timeout) {
    loop_.cancel(*client.timeout);
    client.timeout.reset();
  }
  if (is_waiting && !client.timeout) {
    const int fd = client.socket.get();
    client.timeout = loop_.call_after(limits_.unfinished, [this, fd] { close(fd); });
  }
  return true;
}

/// How long the client's user still rests; 0: he does not.
std::int64_t Server::rest_of(const Client& client) {
  const auto found = rests_.find(client.peer.uid);
  if (found == rests_.end()) return 0;
  const std::int64_t left = found->second - base::boottime();
  if (left <= 0) rests_.erase(found);
  return std::max<std::int64_t>(left, 0);
}

/// Many clients of one user, each with a call that takes long, would otherwise keep all others from their turn.
void Server::note_turn(const Client& client, std::int64_t begin) {
  const std::int64_t now = base::boottime(), took = now - begin;
  if (client.peer.uid == limits_.restless_user || took <= std::chrono::nanoseconds(limits_.turn).count()) return;
  rests_[client.peer.uid] = now + std::min(took, kLongestRest);
}

/// What the client sends waits for a time, while others are served.
void Server::pause(Client& client, std::chrono::nanoseconds time) {
  client.is_stopped = true;
  const int fd = client.socket.get();
  loop_.call_after(time, [this, fd] {
    // The descriptor may be another client's by now: then it only looks once more than it had to.
    const auto found = clients_.find(fd);
    if (found == clients_.end()) return;
    found->second->is_stopped = false;
    on_ready(fd, 0);
  });
}

Server::Client* Server::find(ClientId client) const {
  const auto found = std::ranges::find(clients_, client, [](const auto& each) { return each.second->id; });
  return found == clients_.end() ? nullptr : found->second.get();
}

bool Server::has_fetched(ClientId client) const {
  const Client* found = find(client);
  return found != nullptr && found->output.empty();
}

bool Server::tell(ClientId client, const Reply& reply) {
  const std::string wire = to_wire(reply);
  const bool is_too_long = !reply.continues && wire.size() > limits_.waiting_bytes;
  return tell(client, is_too_long ? to_wire(limits_.too_long) : wire, reply.continues);
}

bool Server::tell(ClientId id, const std::string& reply, bool continues) {
  Client* client = find(id);
  if (client == nullptr) return false;
  client->output += reply;
  client->is_told = continues;
  const int fd = client->socket.get();
  if (client->output.size() > limits_.waiting_bytes || !send(*client)) {
    close(fd);
    return false;
  }
  // What it asked meanwhile has its turn; not from here, where somebody else has his.
  if (!continues) pause(*client, std::chrono::nanoseconds(0));
  watch(*client);
  return true;
}

bool Server::send(Client& client) {
  while (!client.output.empty()) {
    const ssize_t sent = ::send(client.socket.get(), client.output.data(), client.output.size(), MSG_NOSIGNAL);
    if (sent < 0) return is_again(errno);
    client.output.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

bool Server::take_token(Client& client) {
  const std::int64_t now = base::boottime();
  const double seconds = static_cast<double>(now - client.last_refill) / 1e9;
  client.last_refill = now;
  client.tokens = std::min(static_cast<double>(limits_.calls_burst),
                           client.tokens + seconds * static_cast<double>(limits_.calls_per_second));
  if (client.tokens < 1) return false;
  client.tokens -= 1;
  return true;
}

void Server::close(int fd) {
  const auto found = clients_.find(fd);
  if (found == clients_.end()) return;
  if (found->second->timeout) loop_.cancel(*found->second->timeout);
  loop_.forget(fd);
  clients_.erase(found);
}

}  // namespace vuurmuur::ipc
