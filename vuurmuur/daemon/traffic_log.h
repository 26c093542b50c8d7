// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "apply/nflog_socket.h"
#include "base/poll_loop.h"
#include "control/checked_policy.h"
#include "control/log_names.h"
#include "daemon/log_watchers.h"
#include "log/journal.h"
#include "log/log_file.h"
#include "log/recorder.h"
#include "log/traffic_line.h"
#include "model/policy.h"

namespace vuurmuur::daemon {

/// Reads what rules log and writes it into file and journal as the settings of the policy in force say, and tells those
/// who watch. Each turn of the loop takes up so much and no more, so that a flood makes nobody else wait; what is too much
/// is left in the kernel, which counts what it drops then.
class TrafficLog {
 public:
  TrafficLog(base::PollLoop& loop, ipc::Server& server);
  ~TrafficLog();
  TrafficLog(const TrafficLog&) = delete;
  TrafficLog& operator=(const TrafficLog&) = delete;

  /// The policy that is in force from now on, whose names and rules the next line has; null: none.
  void follow(const control::CheckedPolicy* checked);
  /// Somebody moved the file.
  void reopen();

  /// A client that wants to see what is logged; its first reply.
  [[nodiscard]] ipc::Reply add(ipc::ClientId client, LogWatchers::Wanted wanted);

  /// Datagrams that are taken up in a turn: some thousand records, some milliseconds.
  static constexpr std::size_t kTurn = 16;
  static constexpr std::chrono::seconds kNextTry{30};

 private:
  void open_or_close();
  void open();
  void close();
  void on_ready();
  void write(const log::Entry& entry);
  void note_lost();
  void finish_turn();
  void look_around(log::Time now);

  base::PollLoop& loop_;
  LogWatchers watchers_;
  log::Recorder recorder_;
  std::optional<model::Settings> settings_;
  std::optional<apply::NflogSocket> socket_;
  std::uint16_t group_ = 0;
  std::optional<base::PollLoop::TimerId> next_try_, lost_note_;
  std::string complaint_;  ///< the last one: each is told once
  std::unique_ptr<log::LogFile> file_;
  std::unique_ptr<log::Journal> journal_;
  log::TrafficLine line_;
  std::string text_;
  std::uint64_t lost_ = 0;       ///< not told yet
  std::uint64_t left_out_ = 0;   ///< lines that the file has not
  std::shared_ptr<control::LogNames> names_;
  log::Time looked_around_{};
};

}  // namespace vuurmuur::daemon
