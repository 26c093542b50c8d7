// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/poll_loop.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "ipc/varlink.h"

namespace vuurmuur::client {

/// One call to a Varlink server and its replies, without waiting. Nothing is told any more once it is gone; the
/// callbacks may end it themselves, but not destroy it.
class Connection {
 public:
  struct Callbacks {
    /// Each reply. The last one does not continue; the server is done with then.
    std::function<void(const ipc::Reply&)> on_reply;
    /// It broke off before the last reply, for people. Called once.
    std::function<void(const std::string& reason)> on_end;
  };

  /// Connects and sends; fails when nobody listens. The loop outlives it.
  [[nodiscard]] static base::Result<std::unique_ptr<Connection>> open(base::PollLoop& loop, const std::string& path,
                                                                      const ipc::Call& call, Callbacks callbacks);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Ends it; nothing more is told. Also from within its callbacks.
  void stop() { close(); }
  /// Whether the last reply came, or it broke off, or it was stopped.
  [[nodiscard]] bool is_done() const { return !socket_; }

 private:
  Connection(base::PollLoop& loop, base::UniqueFd socket, std::string output, Callbacks callbacks);
  void watch();
  void on_ready(short events);
  void close();
  void end(const std::string& reason);
  [[nodiscard]] bool send();
  void receive();

  base::PollLoop& loop_;
  base::UniqueFd socket_;
  std::string output_;
  Callbacks callbacks_;
  ipc::MessageReader reader_;
};

}  // namespace vuurmuur::client
