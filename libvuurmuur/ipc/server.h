// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/poll_loop.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/peer.h"
#include "ipc/varlink.h"

namespace vuurmuur::ipc {

/// What a client may take of the server.
struct Limits {
  std::size_t clients = 64;                        ///< at once; more are closed as soon as they connect
  std::size_t clients_of_one_user = 32;            ///< root is not counted
  std::size_t request_bytes = 1u << 20;            ///< of one message
  std::size_t waiting_bytes = 16u << 20;           ///< of replies that a client does not fetch
  Reply too_long{};                                ///< instead of a single reply that is longer than that
  unsigned calls_per_second = 200, calls_burst = 400;
  std::chrono::milliseconds unfinished{2000};      ///< how long a message may take to arrive
  /// How long calls of one client are answered before others have their turn. A call that takes longer is finished, and
  /// the user rests as long as it took, at most a second, with all of his clients; but not this one.
  std::chrono::milliseconds turn{20};
  uid_t restless_user = 0;
};

/// A client, for as long as it is served; never used twice.
enum class ClientId : std::uint64_t {};

/// Answers calls on a Unix socket, many clients at once in one thread. A client that breaks a limit or the wire format is
/// closed; nobody else notices.
class Server {
 public:
  /// What becomes of a call. Takes time that others wait. A reply that continues, which only a call that takes more may
  /// get, is the first of several: the others come by tell(), and other calls of that client wait for the last one. So they do
  /// when there is no reply yet, unless the call wants none.
  using Handler = std::function<std::optional<Reply>(const Peer& peer, const Call& call, ClientId client)>;

  Server(base::PollLoop& loop, Handler handler, Limits limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens at a path with this mode (whoever may not change anything is told so, not kept out). A socket that is there
  /// and that nobody listens at is of a process that died, and is replaced; error code EADDRINUSE when somebody does. Of
  /// several that come at the same moment one listens; PATH.lock is what they take turns by.
  [[nodiscard]] base::Result<void> listen(const std::string& path, mode_t mode = 0666);
  /// Takes over a socket that listens already (sd_listen_fds(3)).
  [[nodiscard]] base::Result<void> listen(base::UniqueFd socket);

  /// A further reply to a call that was answered with one that continues, or the one to a call that was not answered yet. A
  /// client that fetches none of them is closed when too much waits for it. False when the client is gone.
  bool tell(ClientId client, const Reply& reply);
  /// The same with the reply as to_wire() writes it, which many may be told alike.
  bool tell(ClientId client, const std::string& reply, bool continues);
  /// Whether a client has fetched all that it was told; false when it is gone.
  [[nodiscard]] bool has_fetched(ClientId client) const;
  [[nodiscard]] bool is_there(ClientId client) const { return find(client) != nullptr; }

  [[nodiscard]] std::size_t client_count() const { return clients_.size(); }

 private:
  struct Client {
    ClientId id{};
    base::UniqueFd socket;
    Peer peer;
    MessageReader reader;
    std::string output;
    double tokens = 0;
    std::int64_t last_refill = 0;                   ///< on CLOCK_BOOTTIME
    std::optional<base::PollLoop::TimerId> timeout; ///< for a message that has begun
    bool is_told = false;                           ///< more replies to its call follow
    bool is_stopped = false;                        ///< what it sends waits for tokens, or for others
  };

  [[nodiscard]] Client* find(ClientId client) const;
  void accept_all();
  [[nodiscard]] bool has_room_for(const Peer& peer) const;
  void on_ready(int fd, short events);
  [[nodiscard]] bool receive(Client& client);
  [[nodiscard]] bool answer_calls(Client& client);
  [[nodiscard]] bool send(Client& client);
  void watch(Client& client);
  [[nodiscard]] std::int64_t rest_of(const Client& client);
  void note_turn(const Client& client, std::int64_t begin);
  void pause(Client& client, std::chrono::nanoseconds time);
  void close(int fd);
  [[nodiscard]] bool take_token(Client& client);

  base::PollLoop& loop_;
  Handler handler_;
  Limits limits_;
  base::UniqueFd socket_;
  std::string path_;  ///< to be removed at the end
  std::map<int, std::unique_ptr<Client>> clients_;
  std::uint64_t last_id_ = 0;
  std::map<uid_t, std::int64_t> rests_;  ///< until when a user rests, on CLOCK_BOOTTIME
};

}  // namespace vuurmuur::ipc
