// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/poll_loop.h"
#include "client/daemon.h"

namespace vuurmuur::client {

/// A daemon that is none, for --demo: it says what a real one would, applies nothing, and counts traffic that nobody
/// sends. The same from the same moment on each time.
class DemoDaemon final : public Daemon {
 public:
  /// `rules`, `interfaces`: who is to be seen counting.
  DemoDaemon(base::PollLoop& loop, std::vector<std::string> rules, std::vector<std::string> interfaces,
             std::function<void(const app::Event&)> on_event);
  ~DemoDaemon() override;
  DemoDaemon(const DemoDaemon&) = delete;
  DemoDaemon& operator=(const DemoDaemon&) = delete;

  void start() override;
  void call(const app::Call& call) override;
  void want(const app::Streams& streams) override { streams_ = streams; }

 private:
  [[nodiscard]] ipc::Reply answer(const app::Call& call);
  [[nodiscard]] ipc::Json generation(std::int64_t number, const std::string& state) const;
  void go_back();
  void tell_status();
  void sample();
  [[nodiscard]] app::Counters counters() const;

  base::PollLoop& loop_;
  std::vector<std::string> rules_, interfaces_;
  std::function<void(const app::Event&)> on_event_;
  app::Streams streams_;
  std::int64_t newest_ = 12, confirmed_ = 12;
  std::optional<std::int64_t> deadline_;  ///< of boottime(), when the newest one waits
  std::int64_t samples_ = 0;
  std::optional<base::PollLoop::TimerId> sample_timer_, back_timer_;
};

}  // namespace vuurmuur::client
