// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/event.h"
#include "app/screen.h"
#include "base/poll_loop.h"
#include "client/connection.h"
#include "client/daemon.h"

namespace vuurmuur::client {

/// The daemon, which may come and go: says whether it is there, what happens to the firewall, and answers calls. All by
/// events, in the poll loop.
class DaemonLink final : public Daemon {
 public:
  struct Options {
    std::vector<std::string> places;                   ///< sockets, the first that is of our namespace counts
    std::string configuration;                         ///< only a daemon that applies this directory is asked
    std::string version;                               ///< only a daemon of this version is asked
    std::optional<std::uint64_t> network_namespace{};  ///< and of this network namespace (its inode)
    std::chrono::milliseconds retry{2000};             ///< between two tries to reach it
  };

  DaemonLink(base::PollLoop& loop, Options options, std::function<void(const app::Event&)> on_event);
  ~DaemonLink() override;
  DaemonLink(const DaemonLink&) = delete;
  DaemonLink& operator=(const DaemonLink&) = delete;

  void start() override;
  void call(const app::Call& call) override;
  void want(const app::Streams& streams) override;

 private:
  void try_next(std::size_t place);
  void on_about(std::size_t place, const ipc::Reply& about);
  void connected(const std::string& place);
  void lost(const std::string& reason);
  void ask_status();
  /// What is told as it happens, until it is not wanted any more.
  struct Stream {
    Connection* connection = nullptr;
    ipc::Json parameters{};  ///< that it was asked with
  };
  void follow();
  /// `parameters`: nothing when it is not wanted.
  void follow(Stream& stream, const char* method, const std::optional<ipc::Json>& parameters,
              app::Event (*event_of)(const ipc::Json&));
  /// Opens a connection and keeps it as long as it is used.
  Connection* open(const std::string& place, const ipc::Call& call, Connection::Callbacks callbacks);
  void sweep();

  base::PollLoop& loop_;
  Options options_;
  std::function<void(const app::Event&)> on_event_;
  std::string place_;  ///< where it is; empty: it is not there
  std::string last_reason_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Stream counters_, log_, live_;
  app::Streams streams_;
  std::optional<base::PollLoop::TimerId> retry_, sweep_;
  bool is_asking_status_ = false, has_news_ = false;
};

/// The sockets at which a daemon is looked for: that of VUURMUUR_SOCKET, or the usual ones; none when it is "none".
[[nodiscard]] std::vector<std::string> usual_places();

}  // namespace vuurmuur::client
